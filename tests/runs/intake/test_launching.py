"""A watched launch in the way of triggers: what starts, what is held, and what the verbs make of it."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from audit.models import AuditEvent
from config.clock import stamp
from runs import services as run_services
from runs.engine import release, sweeper
from runs.intake import start
from runs.intake.occurrences import HoldFull
from runs.models import Release, Run
from tests.factories import make_scope, workspace
from tests.runs.engine.driving import workflow_of
from tests.runs.intake.firings import NOW, occurrence, place, run_of
from tests.runs.intake.sent_events import listener, send
from workflows import checking, services
from workflows.documents import workflow_document
from workflows.launch import Launch
from workflows.lifecycle import Status, TransitionRefused, ValueRefused
from workflows.models import Workflow
from workflows.models.workflow import StatusChangedOutside

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

REASON = "By the test of launches"


def launched(text: str = "first 3", **changes: Any) -> Workflow:
    return place(Status.ACTIVE, launch=text, **changes)


def send_hooks(workflow: Workflow, count: int, **changes: Any) -> list[Run]:
    trigger = workflow.triggers.get(trigger_id="hook")
    return [
        run_of(start(trigger, workflow.pk, occurrence(received_at=stamp(), **changes))) for _ in range(count)
    ]


def standings(workflow: Workflow) -> list[tuple[str, str]]:
    return list(Run.objects.filter(workflow=workflow).order_by("pk").values_list("status", "reason"))


def tally(workflow: Workflow) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for standing in standings(workflow):
        found[standing] = found.get(standing, 0) + 1
    return found


PENDING, HELD, PAUSED = ("pending", ""), ("held", "launch"), ("held", "paused")
RELEASING = ("held", "releasing")


def test_first_n_start_and_the_rest_is_held_with_its_reason_and_bound() -> None:
    workflow = launched("first 3")
    runs = send_hooks(workflow, 5)
    assert standings(workflow) == [PENDING] * 3 + [HELD] * 2
    held = runs[-1]
    assert held.held_until == held.held_at + timedelta(days=settings.HOLD_DAYS)
    assert (held.version_id, held.started_at) == (None, None)
    assert Workflow.objects.get(pk=workflow.pk).launch_seen == 5


def test_share_lets_exactly_its_part_through() -> None:
    workflow = launched("share 0.25")
    send_hooks(workflow, 40)
    assert tally(workflow) == {PENDING: 10, HELD: 30}


def test_repeated_delivery_counts_once() -> None:
    workflow = launched("first 2")
    first, second = send_hooks(workflow, 2, delivery_id="same")
    assert first == second
    assert Workflow.objects.get(pk=workflow.pk).launch_seen == 1


@pytest.mark.parametrize("kind", ["manual", "workflow"])
def test_people_and_steps_start_what_they_want_uncounted(kind: str) -> None:
    workflow = launched("first 1")
    for _ in range(3):
        assert start(None, workflow.pk, occurrence(kind)).status == "pending"
    assert Workflow.objects.get(pk=workflow.pk).launch_seen == 0


def test_ticks_beyond_the_limit_are_skipped_with_its_reason() -> None:
    workflow = launched("first 1")
    found = [start(None, workflow.pk, occurrence("schedule")) for _ in range(2)]
    assert [(one.status, one.reason) for one in found] == [("pending", ""), ("skipped", "launch")]


def test_hold_cap_bounds_a_launch_too() -> None:
    workflow = launched("first 1")
    with override_settings(HOLD_LIMIT=2):
        send_hooks(workflow, 3)
        with pytest.raises(HoldFull):
            send_hooks(workflow, 1)
        event = start(None, workflow.pk, occurrence("event", received_at=NOW))
    assert (event.status, event.reason) == ("skipped", "rate limit")
    assert tally(workflow)[HELD] == 2


def test_held_triggers_expire_as_those_of_a_pause_do() -> None:
    workflow = launched("first 1")
    send_hooks(workflow, 2)
    Run.objects.filter(reason="launch").update(held_until=stamp() - timedelta(seconds=1))
    sweeper.expire_held()
    assert standings(workflow) == [PENDING, ("skipped", "expired")]


def test_strays_of_a_launch_are_left_where_they_are() -> None:
    workflow = launched("first 1")
    send_hooks(workflow, 2)
    release.adopt_strays()
    assert standings(workflow) == [PENDING, HELD]


def test_events_of_one_hub_only() -> None:
    sydney, perth = make_scope("hub:sydney"), make_scope("hub:perth")
    spring = make_scope("card:spring", parent=sydney)
    workflow = listener(scope=workspace(), launch="scope hub:sydney")
    for scope in (sydney, perth, spring, workspace()):
        answer = send({"event": "lead.captured", "data": {}, "scope": scope.ref})
        assert answer.status_code == 202, answer.content
    assert standings(workflow) == [PENDING, HELD, PENDING, HELD]


# Widening.


@pytest.mark.parametrize(
    ("text", "to", "released"),
    [("first 3", Launch("first", 5), 2), ("share 0.1", Launch("share", 5_000), 4), ("first 3", None, 7)],
)
def test_widening_releases_what_the_wider_limit_owes_oldest_first(
    text: str, to: Launch | None, released: int
) -> None:
    workflow = launched(text)
    runs = send_hooks(workflow, 10)
    held = [run.pk for run in runs if run.status == "held"]

    done = services.widen(workflow.pk, to)

    assert (done.changed, done.figures["released"]) == (True, released)
    let_go = list(Run.objects.filter(reason="releasing").order_by("pk").values_list("pk", flat=True))
    assert let_go == held[:released]
    assert Release.objects.get().pace == release.DEFAULT_PACE
    now = Workflow.objects.get(pk=workflow.pk)
    assert (now.launch, now.launch_seen) == ((str(to), 10) if to else ("", 0))


def test_after_widening_the_count_goes_on_as_if_it_had_been_so_from_the_start() -> None:
    workflow = launched("first 2")
    send_hooks(workflow, 4)
    services.widen(workflow.pk, Launch("first", 6))
    send_hooks(workflow, 4)
    assert tally(workflow) == {PENDING: 4, RELEASING: 2, HELD: 2}


@pytest.mark.parametrize("to", [Launch("first", 3), Launch("first", 2), Launch("share", 9_000)])
def test_narrower_or_other_limits_are_refused(to: Launch) -> None:
    workflow = launched("first 3")
    if to.amount == 3:
        assert services.widen(workflow.pk, to).changed is False
        return
    with pytest.raises(ValueRefused):
        services.widen(workflow.pk, to)
    assert Workflow.objects.get(pk=workflow.pk).launch == "first 3"


def test_widening_without_a_launch_has_nothing_to_do() -> None:
    workflow = place(Status.ACTIVE)
    assert services.widen(workflow.pk, None).message.startswith("Nothing to do")


def test_one_held_trigger_can_be_released_by_itself() -> None:
    workflow = launched("first 1")
    held = send_hooks(workflow, 2)[-1]
    assert run_services.release(held.pk).changed is True
    assert standings(workflow) == [PENDING, PENDING]


# The other verbs during a launch.


def test_launch_outlives_a_pause_and_counts_what_came_in_it() -> None:
    workflow = launched("first 3")
    send_hooks(workflow, 1)
    services.pause(workflow.pk, reason=REASON)
    send_hooks(workflow, 4)
    assert standings(workflow) == [PAUSED] * 5

    preview = services.resume_preview(workflow.pk)
    done = services.resume(workflow.pk)

    assert (preview["held_triggers"], preview["launch_holds"]) == (5, 2)
    assert (done.figures["released"], done.figures["held_by_launch"]) == (3, 2)
    assert standings(workflow) == [RELEASING] * 3 + [HELD] * 2
    assert send_hooks(workflow, 1)[0].status == "held"
    assert Workflow.objects.get(pk=workflow.pk).launch == "first 3"


def test_second_pause_counts_nothing_twice() -> None:
    workflow = launched("first 3")
    services.pause(workflow.pk, reason=REASON)
    send_hooks(workflow, 5)
    for _ in range(2):
        services.resume(workflow.pk)
        services.pause(workflow.pk, reason=REASON)
    services.resume(workflow.pk)
    assert tally(workflow) == {RELEASING: 3, HELD: 2}
    assert Workflow.objects.get(pk=workflow.pk).launch_seen == 5


@pytest.mark.parametrize(
    ("choice", "left"), [("discard", ("skipped", "discarded")), ("keep", ("held", "kept"))]
)
def test_choices_of_a_resume_leave_what_the_launch_holds(choice: str, left: tuple[str, str]) -> None:
    workflow = launched("first 1")
    send_hooks(workflow, 2)
    Run.objects.filter(status="pending").delete()
    services.pause(workflow.pk, reason=REASON)
    send_hooks(workflow, 1)
    services.resume(workflow.pk, held=choice)
    assert standings(workflow) == [HELD, left]


def test_stop_ends_the_launch_and_what_it_held() -> None:
    workflow = launched("first 1")
    send_hooks(workflow, 3)
    services.stop(workflow.pk, reason=REASON)
    assert tally(workflow) == {("cancelled", "stopped"): 3}
    stopped = Workflow.objects.get(pk=workflow.pk)
    assert (stopped.launch, stopped.launch_seen) == ("", 0)
    services.run(workflow.pk, accept_warnings=True)
    assert send_hooks(workflow, 2)[-1].status == "pending"


def test_start_after_a_stop_by_the_system_releases_what_a_launch_held() -> None:
    workflow = launched("first 1")
    send_hooks(workflow, 3)
    services.stop_by_system(workflow.pk, cause="dependency", reason=REASON)
    send_hooks(workflow, 1)
    services.run(workflow.pk, accept_warnings=True)
    assert tally(workflow) == {RELEASING: 4}


def test_start_as_a_launch_keeps_what_was_held_before() -> None:
    workflow = place(Status.NOT_RUNNING, cause="dependency")
    send_hooks(workflow, 2)
    services.run(workflow.pk, accept_warnings=True, launch=Launch("first", 1))
    assert send_hooks(workflow, 2)[0].status == "pending"
    assert tally(workflow) == {HELD: 3, PENDING: 1}


def test_widen_is_refused_while_paused() -> None:
    workflow = launched()
    services.pause(workflow.pk, reason=REASON)
    with pytest.raises(TransitionRefused):
        services.widen(workflow.pk, None)


def test_clone_begins_without_a_launch() -> None:
    assert services.clone(launched().pk).workflow.launch == ""


def test_launch_is_no_way_to_change_a_status_past_the_table() -> None:
    workflow = Workflow.objects.get(pk=launched().pk)
    workflow.status = Status.DRAFT
    with pytest.raises(StatusChangedOutside):
        workflow.save()


# Starting as a launch.


@pytest.mark.parametrize(
    ("limit", "field"),
    [
        ({"first": 0}, "first"),
        ({"first": 1_000_001}, "first"),
        ({"share": "0"}, "share"),
        ({"share": "1"}, "share"),
        ({"share": "NaN"}, "share"),
        ({"first": 1, "only_scope": "hub:a"}, "launch"),
    ],
)
def test_limits_out_of_range_are_refused(limit: dict[str, Any], field: str) -> None:
    given = {**limit, **({"share": Decimal(limit["share"])} if "share" in limit else {})}
    with pytest.raises(ValueRefused) as refused:
        services.launch_of(**given)
    assert refused.value.findings[0]["path"] == field


@pytest.mark.parametrize(
    ("ref", "code"), [("hub:nowhere", "scope_not_inside"), ("workspace", "scope_not_inside")]
)
def test_launch_by_a_scope_that_is_not_inside_is_refused(ref: str, code: str) -> None:
    workflow = place(Status.NOT_RUNNING)
    with pytest.raises(ValueRefused) as refused:
        services.run(workflow.pk, accept_warnings=True, launch=Launch("scope", scope=ref))
    assert refused.value.findings[0]["code"] == code
    assert Workflow.objects.get(pk=workflow.pk).status == "not_running"


def test_launch_by_scope_needs_an_event_trigger() -> None:
    make_scope("hub:sydney")
    workflow = workflow_of({"id": "a", "kind": "set", "values": {"x": 1}}, status="not_running")
    with pytest.raises(ValueRefused) as refused:
        services.run(workflow.pk, accept_warnings=True, launch=Launch("scope", scope="hub:sydney"))
    assert refused.value.findings[0]["code"] == "no_event_trigger"


def test_launch_answers_the_warning_about_a_workspace_wide_start() -> None:
    workflow = place(Status.NOT_RUNNING, first_started_at=None)
    workflow.first_started_at = None
    workflow.save()
    codes = {finding.code for finding in checking.check_workflow(workflow).warnings}
    limited = {finding.code for finding in checking.check_workflow(workflow, is_limited=True).warnings}
    assert codes - limited == {"workspace_wide_start"}


def test_start_says_its_limit_in_the_audit_log_and_the_document() -> None:
    workflow = place(Status.NOT_RUNNING)
    done = services.run(workflow.pk, accept_warnings=True, launch=Launch("first", 20))
    event = AuditEvent.objects.order_by("-id")[0]
    assert (event.event, json.loads(event.after)["launch"]) == ("Workflow activated", "first 20")
    assert workflow_document(done.workflow)["launch"] == "first 20"
