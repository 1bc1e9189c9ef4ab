"""Saves and deletions that no service made."""

import json
from typing import Any

import pytest

from audit.models import AuditEvent
from audit.services import Subject, change, record
from audit.verbs import AuditWord
from tests import factories
from workflows.models import Role, Status, Workflow

pytestmark = pytest.mark.django_db


def outside() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(event="Changed outside the services").order_by("id"))


def test_save_outside_leaves_an_event_with_its_differences() -> None:
    workflow = factories.make_workflow("Digest")
    before = len(outside())

    workflow.description = "new words"
    workflow.save()

    *_, event = outside()
    assert len(outside()) == before + 1
    assert (event.subject_kind, event.subject_id, event.subject_label) == (
        "workflow",
        str(workflow.pk),
        "Digest",
    )
    assert event.scope_id == workflow.scope_id
    assert event.before_values == {"description": ""}
    assert event.after_values == {"description": "new words"}
    assert event.history_rows == {"workflow": workflow.history.first().history_id}


def test_save_without_difference_leaves_nothing() -> None:
    workflow = factories.make_workflow()
    before = len(outside())

    workflow.save()

    assert len(outside()) == before


def test_save_inside_a_service_leaves_only_its_own_event() -> None:
    workflow = factories.make_workflow()
    before = AuditEvent.objects.count()

    with change():
        workflow.description = "by the service"
        workflow.save()
        record(AuditWord.WORKFLOW_DESCRIBED, Subject("workflow", str(workflow.pk), workflow.name))

    assert AuditEvent.objects.count() == before + 1


def test_creation_outside_is_recorded_with_its_values() -> None:
    workflow = factories.make_workflow("Digest", status=Status.DRAFT)

    first = next(event for event in outside() if event.subject_kind == "workflow")

    assert first.before_values == {}
    assert (first.after_values["name"], first.after_values["status"]) == ("Digest", "draft")
    assert first.subject_id == str(workflow.pk)


def test_deletion_outside_is_recorded() -> None:
    user = factories.make_user(Role.VIEWER)
    membership = user.memberships.get()
    number = str(membership.pk)

    membership.delete()

    *_, event = outside()
    assert (event.subject_kind, event.subject_id, event.after_values) == ("membership", number, {})
    assert (event.before_values["role"], event.before_values["user"]) == ("viewer", user.pk)


def test_version_is_recorded_in_its_workflow_s_scope_with_a_digest_of_its_text() -> None:
    scope = factories.make_scope()
    definition = factories.DEFINITION | {"note": "x" * 2000}
    factories.make_workflow(scope=scope, definition=definition)

    event = next(event for event in outside() if event.subject_kind == "version")

    assert event.scope_id == scope.pk
    assert event.after_values["definition"].startswith("sha256:")


def test_secrets_stay_outside_events() -> None:
    connection = factories.make_connection(secret="canary-one", header_name="X-Key")
    connection.secret = "canary-two"
    connection.base_url = "https://elsewhere.example.test"
    connection.save()
    connection.delete()

    texts = json.dumps([[event.before, event.after, event.reason] for event in AuditEvent.objects.all()])

    assert "canary" not in texts
    assert "elsewhere" in texts


def test_rolled_back_save_leaves_nothing() -> None:
    workflow = factories.make_workflow()
    before = AuditEvent.objects.count()

    def save_and_fail() -> None:
        with change():
            Workflow.objects.get(pk=workflow.pk).save()
            record(AuditWord.WORKFLOW_DESCRIBED, Subject("workflow", "1", "x"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save_and_fail()

    assert AuditEvent.objects.count() == before


def test_shell_is_the_actor_outside_any_request() -> None:
    factories.make_workflow()

    event: Any = outside()[0]

    assert (event.actor_kind, event.actor_label, event.origin) == ("system", "Signalbox", "system")
