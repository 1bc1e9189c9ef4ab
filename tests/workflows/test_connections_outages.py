"""Marking connections as down and up."""

import json

import pytest

from tests.factories import make_scope, make_workflow, workspace
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.events import change_of, newest, words
from tests.workflows.sink import Sink
from workflows import services
from workflows.connections.health import ConnectionGone
from workflows.models import Connection, Scope, Status, Workflow
from workflows.services.connections import create_connection
from workflows.services.outages import mark_down, mark_up, to_pause, to_resume

pytestmark = pytest.mark.django_db(transaction=True)


def using(name: str, workflow_name: str, **changes) -> Workflow:
    request = {"id": "ask", "kind": "http_request", "connection": name, "path": "/leads"}
    definition = {
        "format": "signalbox/1", "name": "Test", "triggers": [{"id": "by_hand", "kind": "manual"}], "steps": [request],
    }  # fmt: skip
    return make_workflow(workflow_name, definition=definition, **changes)


def make_crm(sink: Sink, scope: Scope | None = None) -> Connection:
    return create_connection("crm", base_url=sink.url, scope=scope or workspace())[1]


def statuses() -> dict[str, str]:
    return dict(Workflow.objects.order_by("name").values_list("name", "status"))


def test_mark_down_pauses_exactly_the_active_ones_that_use_it(sink: Sink) -> None:
    crm = make_crm(sink)
    for name in ("A", "B"):
        using("crm", name)
    using("other", "C")
    for number, status in enumerate([Status.DRAFT, Status.PAUSED, Status.NOT_RUNNING, Status.ARCHIVED]):
        using("crm", f"D{number}", status=status)
    assert [workflow.name for workflow in to_pause(crm)] == ["A", "B"]

    marked = mark_down(crm.pk)

    assert (marked.changed, [w.name for w in marked.workflows], marked.left) == (True, ["A", "B"], [])
    assert statuses() == {
        "A": "paused", "B": "paused", "C": "active",
        "D0": "draft", "D1": "paused", "D2": "not_running", "D3": "archived",
    }  # fmt: skip
    paused = Workflow.objects.get(name="A")
    assert (paused.reason, paused.category, paused.in_flight_choice) == (
        "connection crm is down",
        "outage",
        "hold",
    )
    assert words()[-3:] == ["Connection marked down", "Workflow paused", "Workflow paused"]
    assert Connection.objects.get().health == "down"


def test_mark_down_says_in_its_event_whom_it_concerns(sink: Sink) -> None:
    crm = make_crm(sink)

    mark_down(crm.pk)

    assert newest().subject_label == "crm"
    assert change_of(newest()) == ({"health": "unknown"}, {"health": "down", "workflows": []})


def test_mark_down_twice_changes_nothing_and_later_starters_are_paused(sink: Sink) -> None:
    crm = make_crm(sink)
    mark_down(crm.pk)
    before = words()

    assert mark_down(crm.pk).changed is False
    assert words() == before

    using("crm", "late")
    again = mark_down(crm.pk)
    assert (again.changed, [w.name for w in again.workflows]) == (True, ["late"])


def test_mark_up_resumes_exactly_what_it_paused(sink: Sink) -> None:
    crm = make_crm(sink)
    using("crm", "A")
    using("crm", "by hand", status=Status.PAUSED)
    mark_down(crm.pk)
    assert [workflow.name for workflow in to_resume(crm)] == []
    assert [workflow.name for workflow in to_resume(Connection.objects.get())] == ["A"]

    marked = mark_up(crm.pk)

    assert (marked.changed, [w.name for w in marked.workflows], marked.left) == (True, ["A"], [])
    assert statuses() == {"A": "active", "by hand": "paused"}
    assert [word for word in words() if word != "Connection tested"][-2:] == [
        "Connection marked up", "Workflow resumed",
    ]  # fmt: skip
    assert marked.connection.health == "ok"
    assert json.loads(marked.connection.paused_for_outage) == {}


def test_mark_up_twice_changes_nothing(sink: Sink) -> None:
    crm = make_crm(sink)
    using("crm", "A")
    mark_down(crm.pk)
    mark_up(crm.pk)
    before = words()

    assert mark_up(crm.pk).changed is False
    assert words() == before


def test_mark_up_leaves_whoever_was_given_another_reason(sink: Sink) -> None:
    crm = make_crm(sink)
    kept = using("crm", "kept")
    using("crm", "waiting")
    mark_down(crm.pk)
    services.change_pause(kept.pk, reason="legal asked for it")

    marked = mark_up(crm.pk)

    assert [w.name for w in marked.workflows] == ["waiting"]
    assert Workflow.objects.get(pk=kept.pk).status == Status.PAUSED


def test_mark_up_keeps_paused_what_fails_its_checks_and_says_why(sink: Sink) -> None:
    crm = make_crm(sink)
    using("crm", "A")
    mark_down(crm.pk)
    sink.status = 500

    marked = mark_up(crm.pk)

    assert (marked.changed, marked.workflows) == (True, [])
    assert [one.workflow.name for one in marked.left] == ["A"]
    assert "Answered with an error (500)." in marked.left[0].why
    assert statuses() == {"A": "paused"}

    sink.status = 200
    again = mark_up(crm.pk)
    assert (again.changed, [w.name for w in again.workflows]) == (True, ["A"])


def test_mark_down_concerns_only_workflows_that_can_use_it(sink: Sink) -> None:
    hub = make_scope("hub:sydney")
    crm = make_crm(sink, hub)
    using("crm", "inside", scope=make_scope("card:spring", parent=hub))
    using("crm", "outside", scope=make_scope("hub:perth"))

    assert [w.name for w in mark_down(crm.pk).workflows] == ["inside"]
    assert statuses() == {"inside": "paused", "outside": "active"}


def test_one_refused_pause_does_not_stop_the_others(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = make_crm(sink)
    gone, stays = using("crm", "gone"), using("crm", "stays")
    waiting = to_pause(crm)
    services.stop(gone.pk, reason="not needed any more")
    monkeypatch.setattr("workflows.services.outages.to_pause", lambda connection: waiting)

    marked = mark_down(crm.pk)

    assert [w.name for w in marked.workflows] == ["stays"]
    assert [(one.workflow.name, one.why) for one in marked.left] == [
        ("gone", "Pause is not possible while the workflow is Not Running.")
    ]
    assert Workflow.objects.get(pk=stays.pk).status == Status.PAUSED


@pytest.mark.parametrize("act", [mark_down, mark_up])
def test_marking_what_is_gone_says_so(act) -> None:
    with pytest.raises(ConnectionGone):
        act(10**9)
