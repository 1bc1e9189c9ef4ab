"""Notices: one an incident, one outbox row a recipient, in the transaction of the change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import context
from tests.factories import (
    DEFINITION,
    make_connection,
    make_scope,
    make_user,
    make_workflow,
    workspace,
)
from workflows.lifecycle import Cause
from workflows.models import Connection, Notice, NoticeDelivery, NoticeKind, NoticeRecipient, Workflow
from workflows.notices.outbox import next_digest
from workflows.services import notices, status

pytestmark = pytest.mark.django_db

State = NoticeDelivery.State


def told(*names: str, **changes: Any) -> Workflow:
    definition = {**DEFINITION, "settings": {"notify": list(names)}}
    return make_workflow("Lead qualification", definition=definition, **changes)


def subscribe(recipient: str, **changes: Any) -> NoticeRecipient:
    defaults = {"scope": workspace(), "created_at": timezone.now()}
    return NoticeRecipient.objects.create(recipient=recipient, **{**defaults, **changes})


def raised(workflow: Workflow, incident: str = "finding:1", kind: NoticeKind = NoticeKind.FINDING) -> Any:
    return notices.raise_(kind, incident, workflow=workflow, title="Silence", text="It did not run.")


def going_to(notice: Notice) -> list[tuple[str, str]]:
    return [(row.channel, row.recipient) for row in notice.deliveries.all()]


def test_a_notice_goes_once_to_each_whom_definition_and_scopes_name() -> None:
    hub = make_scope("hub:sydney")
    workflow = told("ops@example.test", "Ops <OPS@example.test>", "kim", scope=hub)
    make_user(username="kim", email="kim@example.test")
    make_connection("alarms", kind=Connection.Kind.CHAT)
    subscribe("alarms")
    subscribe("ops@example.test", scope=hub)
    subscribe("elsewhere@example.test", scope=make_scope("hub:perth"))
    notice = raised(workflow)
    assert going_to(notice) == [
        ("email", "ops@example.test"),
        ("email", "kim@example.test"),
        ("chat", "alarms"),
    ]


def test_recipients_get_only_the_kinds_they_asked_for() -> None:
    subscribe("rules@example.test", kind_line="failure_rule overdue")
    subscribe("all@example.test")
    assert going_to(raised(told())) == [("email", "all@example.test")]


def test_a_name_that_leads_nowhere_is_recorded_as_failed() -> None:
    make_user(username="kim")
    notice = raised(told("kim", "nobody"))
    assert [(row.named, row.state, row.due_at, row.error) for row in notice.deliveries.all()] == [
        ("kim", State.FAILED, None, "This person has no e-mail address."),
        ("nobody", State.FAILED, None, "There is no person and no chat connection of this name."),
    ]


def test_an_incident_is_told_once_until_it_is_closed() -> None:
    workflow = told("ops@example.test")
    first = raised(workflow)
    assert raised(workflow) is None
    assert notices.close("finding:1") is True
    assert notices.close("finding:1") is False
    second = raised(workflow)
    assert {row.notice_id for row in NoticeDelivery.objects.all()} == {first.pk, second.pk}


def test_a_digest_waits_for_the_hour_and_the_inmost_scope_decides(settings: Any) -> None:
    hub = make_scope("hub:sydney")
    subscribe("ops@example.test", scope=workspace(), in_digest=False)
    subscribe("ops@example.test", scope=hub, in_digest=True)
    row = raised(told("ops@example.test", scope=hub)).deliveries.get()
    assert row.in_digest
    assert row.due_at == next_digest(row.notice.raised_at)
    assert raised(told("ops@example.test"), "finding:2").deliveries.get().in_digest is False


def test_the_hour_of_the_digest_is_the_workspaces(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    before, after = datetime(2026, 10, 24, 4, 59, tzinfo=UTC), datetime(2026, 10, 24, 5, 0, tzinfo=UTC)
    assert next_digest(before) == datetime(2026, 10, 24, 5, 0, tzinfo=UTC)
    # The clocks go back that night: 07:00 is 06:00 UTC from then on.
    assert next_digest(after) == datetime(2026, 10, 25, 6, 0, tzinfo=UTC)


def test_nothing_is_told_of_a_change_that_was_rolled_back() -> None:
    workflow = told("ops@example.test")
    with pytest.raises(RuntimeError), transaction.atomic():
        status.pause(workflow.pk, reason="CRM outage")
        assert Notice.objects.count() == 1
        raise RuntimeError
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_notice_outside_a_transaction_is_refused() -> None:
    workflow = told("ops@example.test")
    with pytest.raises(transaction.TransactionManagementError):
        raised(workflow)


def test_pause_and_resume_are_told_and_the_one_ends_the_other() -> None:
    workflow = told("ops@example.test")
    with context.acting(context.Actor("person", "1", "kim"), origin="page"):
        status.pause(workflow.pk, reason="CRM outage", until=timezone.now() + timedelta(hours=1))
    paused = Notice.objects.get()
    assert (paused.kind, paused.title, paused.closed_at) == (
        NoticeKind.PAUSED,
        "Lead qualification is paused",
        None,
    )
    assert paused.text.startswith("By kim: CRM outage\nExpected to resume: ")
    assert paused.path == f"/automations/workflows/{workflow.pk}/"
    status.resume(workflow.pk)
    paused.refresh_from_db()
    resumed = Notice.objects.get(kind=NoticeKind.RESUMED)
    assert paused.closed_at is not None
    assert resumed.closed_at is not None
    status.pause(workflow.pk, reason="again")
    status.resume(workflow.pk)
    assert Notice.objects.count() == 4


def test_a_verb_that_does_nothing_tells_nothing() -> None:
    workflow = told("ops@example.test")
    status.pause(workflow.pk, reason="CRM outage")
    status.pause(workflow.pk, reason="CRM outage")
    assert Notice.objects.count() == 1


def test_stops_say_by_whom() -> None:
    one, other = told(), told(scope=make_scope("hub:perth"))
    status.stop(one.pk, reason="no longer needed")
    status.stop_by_system(other.pk, cause=Cause.RESOURCE_LIMIT, reason="3 runs killed their workers")
    kinds = {notice.workflow_id: notice.kind for notice in Notice.objects.all()}
    assert kinds == {one.pk: NoticeKind.STOPPED, other.pk: NoticeKind.STOPPED_BY_SYSTEM}
    status.run(one.pk, accept_warnings=True)
    assert Notice.objects.get(workflow=one).closed_at is not None


def test_the_queries_of_a_notice_do_not_grow_with_its_recipients() -> None:
    few = told("a@example.test", "kim")
    many = told(*(f"p{n}@example.test" for n in range(20)), *(f"p{n}" for n in range(20)), scope=make_scope())
    with CaptureQueriesContext(connection) as for_few:
        raised(few)
    with CaptureQueriesContext(connection) as for_many:
        raised(many, "finding:2")
    assert len(for_few) == len(for_many)
