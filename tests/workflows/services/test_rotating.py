"""Webhook secrets."""

import base64

import pytest
from django.utils import timezone

from tests.factories import workspace
from tests.workflows.services.material import TRIGGERS, events, events_after, imported, newest_event
from workflows import secrets, services
from workflows.lifecycle import TransitionRefused, ValueRefused
from workflows.models import Trigger, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture
def workflow(db: None) -> Workflow:
    workspace()
    return imported(triggers=TRIGGERS)


def valid_secrets() -> list[str]:
    return [secrets.decrypt(token) for token in Trigger.objects.get(trigger_id="form").sealed_secrets]


def test_rotate_generates_a_secret_and_gives_it_once(workflow: Workflow) -> None:
    before = len(events())

    done = services.rotate_trigger_secret(workflow.pk, "form")

    assert done.changed
    assert valid_secrets() == [done.secret]
    assert events_after(before) == ["Secret rotated"]


def test_rotate_takes_a_given_secret_and_gives_nothing_back(workflow: Workflow) -> None:
    done = services.rotate_trigger_secret(workflow.pk, "form", value="given-by-sender")

    assert done.secret is None
    assert valid_secrets() == ["given-by-sender"]


def test_rotate_stores_and_records_no_secret_in_clear(workflow: Workflow) -> None:
    services.rotate_trigger_secret(workflow.pk, "form", value="given-by-sender")

    event, row = newest_event(), Trigger.objects.get(trigger_id="form")
    assert "given-by-sender" not in f"{event.before}{event.after}{event.reason}{row.secret}"


def test_the_old_secret_stays_valid_for_a_day(workflow: Workflow) -> None:
    services.rotate_trigger_secret(workflow.pk, "form", value="first-secret")
    start = timezone.now()

    done = services.rotate_trigger_secret(workflow.pk, "form", value="second-secret")

    assert valid_secrets() == ["second-secret", "first-secret"]
    hours = (done.trigger.previous_until - start).total_seconds() / 3600
    assert 24 <= hours < 24.1


def test_the_old_secret_is_void_at_once_when_revoked(workflow: Workflow) -> None:
    services.rotate_trigger_secret(workflow.pk, "form", value="first-secret")

    services.rotate_trigger_secret(workflow.pk, "form", value="second-secret", revoke_previous=True)

    assert valid_secrets() == ["second-secret"]


def test_a_third_secret_ends_the_first_one(workflow: Workflow) -> None:
    for value in ("first-secret", "second-secret", "third-secret"):
        services.rotate_trigger_secret(workflow.pk, "form", value=value)

    assert valid_secrets() == ["third-secret", "second-secret"]


def test_the_same_secret_again_changes_nothing(workflow: Workflow) -> None:
    services.rotate_trigger_secret(workflow.pk, "form", value="first-secret")
    before = len(events())

    done = services.rotate_trigger_secret(workflow.pk, "form", value="first-secret")

    assert not done.changed
    assert events_after(before) == []


def test_the_same_secret_again_can_revoke_the_previous_one(workflow: Workflow) -> None:
    services.rotate_trigger_secret(workflow.pk, "form", value="first-secret")
    services.rotate_trigger_secret(workflow.pk, "form", value="second-secret")

    done = services.rotate_trigger_secret(workflow.pk, "form", value="second-secret", revoke_previous=True)

    assert done.changed
    assert valid_secrets() == ["second-secret"]


def test_a_generated_secret_has_the_form_of_the_preset() -> None:
    workspace()
    signed = {"id": "form", "kind": "webhook", "signature": {"preset": "standard-webhooks"}}
    workflow = imported(triggers=[signed])

    text = services.rotate_trigger_secret(workflow.pk, "form").secret

    assert text.startswith("whsec_")
    assert len(base64.b64decode(text.removeprefix("whsec_"))) == 32


@pytest.mark.parametrize(
    ("trigger", "value", "place"),
    [
        ("nothing", None, ("trigger", "unknown_trigger")),
        ("nightly", None, ("trigger", "not_a_webhook")),
        ("form", "", ("secret", "secret_not_possible")),
        ("form", "short", ("secret", "secret_not_possible")),
        ("form", "with a\nline end", ("secret", "secret_not_possible")),
    ],
)
def test_rotate_refuses(workflow: Workflow, trigger: str, value: str | None, place: tuple[str, str]) -> None:
    before = len(events())

    with pytest.raises(ValueRefused) as refused:
        services.rotate_trigger_secret(workflow.pk, trigger, value=value)

    assert [(finding["path"], finding["code"]) for finding in refused.value.findings] == [place]
    assert events_after(before) == []


def test_rotate_for_an_archived_workflow_is_refused(workflow: Workflow) -> None:
    services.archive(workflow.pk)

    with pytest.raises(TransitionRefused):
        services.rotate_trigger_secret(workflow.pk, "form")
