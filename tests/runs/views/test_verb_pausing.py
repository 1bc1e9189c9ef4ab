"""Pause, Change pause and Resume."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from runs.models import Run
from tests.factories import DEFINITION, make_connection, make_run, make_version, make_workflow
from tests.runs.views.pages import HTMX, buttons, notice, text_of
from workflows.models import Connection, Workflow
from workflows.outgoing import OutgoingFailed

REASON = {"reason": "CRM outage"}
PAUSE = {**REASON, "in_flight": "finish", "triggers": "hold"}


def address(workflow, verb):
    return f"/automations/workflows/{workflow.pk}/{verb}/"


def figures(response):
    """The numbers of a dialog, in their order."""
    page = text_of(response)
    return [int(part.split("<")[0]) for part in page.split("<dd>")[1:] if part[0].isdigit()]


def held(workflow, **changes):
    return make_run(workflow, status="held", reason="paused", held_at=timezone.now(), **changes)


def test_pause_shows_its_numbers(manager):
    workflow, now = make_workflow(), timezone.now()
    make_run(workflow, status="running", started_at=now)
    for minutes in (5, 10, 20):
        make_run(workflow, status="waiting", started_at=now, due_at=now + timedelta(minutes=minutes))
    for _ in range(4):
        make_run(workflow)
    assert figures(manager.get(address(workflow, "pause"), headers=HTMX)) == [1, 2, 1, 4]


def test_pause_answers_when_the_gate_is_closed(manager, monkeypatch):
    workflow = make_workflow()
    make_run(workflow, status="running", started_at=timezone.now())
    make_run(workflow, status="running", started_at=timezone.now())
    moment = timezone.now() + timedelta(minutes=1)
    moment = moment.replace(hour=9, minute=14, second=3, microsecond=120_999) + timedelta(days=1)
    monkeypatch.setattr("workflows.services.acting.stamp", lambda: moment)
    response = manager.post(address(workflow, "pause"), PAUSE, headers=HTMX)
    assert notice(response) == "Paused at 09:14:03.120 UTC. No run starts after this. 2 are finishing."
    assert Workflow.objects.get().paused_at == moment


def test_pause_keeps_what_was_chosen(manager):
    workflow = make_workflow()
    form = {
        **PAUSE, "category": "outage", "until": "2099-11-25T09:00", "auto_resume": "on", "in_flight": "hold",
        "triggers": "skip",
    }  # fmt: skip
    assert manager.post(address(workflow, "pause"), form, headers=HTMX).status_code == 204
    workflow = Workflow.objects.get()
    assert (workflow.reason, workflow.category, workflow.in_flight_choice, workflow.triggers_choice) == (
        "CRM outage", "outage", "hold", "skip",
    )  # fmt: skip
    assert workflow.resume_expected_at == datetime(2099, 11, 25, 9, tzinfo=UTC)
    assert workflow.auto_resume is True


def test_expected_resume_is_read_in_the_persons_zone(manager):
    workflow = make_workflow()
    manager.post("/settings/preference/", {"zone": "Asia/Kathmandu"})
    manager.post(address(workflow, "pause"), {**PAUSE, "until": "2099-11-25T09:00"})
    assert Workflow.objects.get().resume_expected_at == datetime(2099, 11, 25, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("reason", "no", "A reason has 3 to 500 characters."),
        ("reason", "  no  ", "A reason has 3 to 500 characters."),
        ("reason", "x" * 501, "A reason has 3 to 500 characters."),
        ("until", "2020-01-01T09:00", "This time has passed already."),
        ("until", "soon", "Enter a valid date/time."),
        ("category", "fun", "fun is not one of the available choices."),
        ("auto_resume", "on", "an expected resume time is needed"),
    ],
)
def test_pause_refuses_values_and_keeps_the_input(manager, field, value, says):
    workflow = make_workflow()
    response = manager.post(address(workflow, "pause"), {**PAUSE, field: value}, headers=HTMX)
    page = text_of(response)
    assert response.status_code == 422
    assert says in page
    assert (value if field == "reason" else "CRM outage") in page
    assert Workflow.objects.get().status == "active"


@pytest.mark.parametrize(
    ("webhook", "event", "preset", "stored"),
    [("hold", "hold", "hold", "hold"), ("skip", "skip", "skip", "skip"), ("hold", "skip", "as_defined", "")],
)
def test_triggers_are_preset_from_the_definition(manager, webhook, event, preset, stored):
    definition = {**DEFINITION, "settings": {"while_paused": {"webhook": webhook, "event": event}}}
    workflow = make_workflow(definition=definition)
    page = text_of(manager.get(address(workflow, "pause"), headers=HTMX))
    assert f'name="triggers" value="{preset}"' in page
    assert page[page.index(f'name="triggers" value="{preset}"') :].split(">")[0].endswith("checked")
    manager.post(address(workflow, "pause"), {**PAUSE, "triggers": preset})
    assert Workflow.objects.get().triggers_choice == stored


def test_pause_works_with_a_definition_that_cannot_be_read(manager):
    workflow = make_workflow()
    workflow.published._sealed_hash = None  # as an older release may have left it
    workflow.published.definition = '{"format": "signalbox/0"}'
    workflow.published.save()
    assert buttons(manager.get(address(workflow, "pause"), headers=HTMX)) == ["Pause"]
    assert manager.post(address(workflow, "pause"), PAUSE, headers=HTMX).status_code == 204


def test_second_pause_says_since_when(manager):
    workflow = make_workflow(status="paused")
    response = manager.post(address(workflow, "pause"), PAUSE, headers=HTMX)
    assert notice(response).startswith("Nothing to do: already Paused since ")
    assert notice(response).endswith("by maker.")


def test_change_pause_shows_what_was_said_and_changes_it(manager):
    until = timezone.now() + timedelta(days=3)
    workflow = make_workflow(
        status="paused", reason="CRM outage", category="outage", resume_expected_at=until
    )
    page = text_of(manager.get(address(workflow, "change-pause"), headers=HTMX))
    assert "CRM outage" in page
    assert f'value="{until:%Y-%m-%dT%H:%M}"' in page
    form = {"reason": "Still waiting", "category": "", "until": f"{until:%Y-%m-%dT%H:%M}"}
    assert manager.post(address(workflow, "change-pause"), form, headers=HTMX).status_code == 204
    workflow = Workflow.objects.get()
    assert (workflow.reason, workflow.category, workflow.resume_expected_at) == ("Still waiting", "", until)


def test_reason_of_an_overdue_pause_may_be_changed_alone(manager):
    past = timezone.now() - timedelta(hours=3)
    workflow = make_workflow(status="paused", resume_expected_at=past)
    form = {"reason": "Still waiting", "until": f"{past:%Y-%m-%dT%H:%M}"}
    assert manager.post(address(workflow, "change-pause"), form, headers=HTMX).status_code == 204
    assert Workflow.objects.get().resume_expected_at == past


def test_expected_resume_can_be_taken_away(manager):
    workflow = make_workflow(status="paused", resume_expected_at=timezone.now() + timedelta(days=1))
    manager.post(address(workflow, "change-pause"), {**REASON, "until": ""})
    assert Workflow.objects.get().resume_expected_at is None


def test_resume_shows_what_the_pause_left(manager):
    begin = timezone.now() - timedelta(hours=2)
    workflow = make_workflow(status="paused", paused_at=begin, reason="CRM outage", resume_expected_at=begin)
    for _ in range(3):
        held(workflow, version=None)
    held(workflow, started_at=begin, due_at=begin)
    skipped = {"status": "skipped", "reason": "paused", "ended_at": timezone.now()}
    make_run(workflow, trigger_kind="schedule", **skipped)
    make_run(workflow, trigger_kind="webhook", **skipped)
    response = manager.get(address(workflow, "resume"), headers=HTMX)
    page = text_of(response)
    assert figures(response) == [3, 1, 1, 1, 1, 0]
    assert "by maker, for 2 h 0 min, since" in page
    assert "Overdue" in page
    assert "Run once for the skipped tick" in page
    assert "1 of version 1" in page


def test_resume_says_what_was_published_meanwhile(manager):
    workflow = make_workflow(status="paused")
    workflow.paused_at = timezone.now()
    workflow.published.state = "superseded"
    workflow.published.save()
    workflow.published = make_version(
        workflow, definition={**DEFINITION, "steps": [{**DEFINITION["steps"][0], "name": "Greet"}]}
    )
    workflow.save()
    page = text_of(manager.get(address(workflow, "resume"), headers=HTMX))
    assert "Version 2 was published meanwhile; it was version 1." in page
    assert "Changes: 1 part differs" in page


def test_resume_does_what_was_chosen_for_each_class(manager):
    workflow = make_workflow("Leads", status="paused")
    fresh, begun = held(workflow, version=None), held(workflow, started_at=timezone.now())
    form = {"held": "discard", "held_tick": "on", "held_runs": "release", "pace": "30"}
    response = manager.post(address(workflow, "resume"), form, headers=HTMX)
    assert notice(response) == "Leads is Active again. 1 is being released. 1 was discarded."
    assert Run.objects.get(pk=fresh.pk).status == "skipped"
    assert Run.objects.get(pk=begun.pk).status != "skipped"
    assert workflow.releases.get().pace == 30


def test_discarding_needs_a_tick(manager):
    workflow = make_workflow(status="paused")
    for _ in range(40):
        held(workflow, version=None)
    assert "These 40 cannot be brought back" in text_of(
        manager.get(address(workflow, "resume"), headers=HTMX)
    )
    response = manager.post(address(workflow, "resume"), {"held": "discard", "pace": "60"}, headers=HTMX)
    assert response.status_code == 422
    assert "Tick this to discard them for good." in text_of(response)
    assert Run.objects.filter(status="held").count() == 40
    assert Workflow.objects.get().status == "paused"


def test_work_that_was_held_since_the_question_is_asked_about(manager):
    workflow = make_workflow(status="paused")
    held(workflow, version=None)
    response = manager.post(address(workflow, "resume"), {}, headers=HTMX)
    assert response.status_code == 422
    assert Workflow.objects.get().status == "paused"


def test_connection_that_does_not_answer_leaves_no_button(manager, monkeypatch):
    def fail(request):
        raise OutgoingFailed("connect_failed", "Nobody listens there.", permanent=False, sent=False)

    monkeypatch.setattr("workflows.connections.health.send", fail)
    make_connection("crm", health="ok")
    steps = [{"id": "a", "kind": "http_request", "connection": "crm", "path": "/"}]
    workflow = make_workflow(status="paused", definition={**DEFINITION, "steps": steps})
    question = manager.get(address(workflow, "resume"))
    assert buttons(question) == []
    assert "Connection crm does not answer: Nobody listens there." in text_of(question)
    assert Connection.objects.get().health == "failing"
    act = manager.post(address(workflow, "resume"), {}, headers=HTMX)
    assert act.status_code == 409
    assert "Connection crm does not answer" in text_of(act)
    assert Workflow.objects.get().status == "paused"


def test_second_resume_has_nothing_to_do(manager):
    workflow = make_workflow(status="paused")
    form = {"revision": workflow.revision}
    assert manager.post(address(workflow, "resume"), form, headers=HTMX).status_code == 204
    second = manager.post(address(workflow, "resume"), form, headers=HTMX)
    assert notice(second).startswith("Nothing to do: already Active")
    assert AuditEvent.objects.filter(event="Workflow resumed").count() == 1
