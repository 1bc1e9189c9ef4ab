"""A watched launch in the way of triggers: what starts, what is held, and what widening lets go."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import override_settings

from config.clock import stamp
from runs import services as run_services
from runs.engine import release, sweeper
from runs.intake import start
from runs.intake.occurrences import HoldFull
from runs.models import Release, Run
from tests.factories import make_scope, workspace
from tests.runs.intake.firings import NOW, occurrence, place
from tests.runs.intake.launches import HELD, PENDING, RELEASING, launched, send_hooks, standings, tally
from tests.runs.intake.sent_events import listener, send
from workflows import services
from workflows.launch import Launch
from workflows.lifecycle import Status, ValueRefused
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


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
