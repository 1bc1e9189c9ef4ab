"""Keeping the failure rule: one pause with its evidence, whoever looks; a warning that is told once and ends."""

import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from runs.engine import failures
from runs.engine.failures import RULE, Watch
from runs.models import Run
from tests.dying import Mortal
from tests.factories import make_run
from tests.runs.engine.crowd import at_once, eventually, sender, working
from tests.runs.engine.driving import accept, advance_due, workflow_of
from workflows.models import Notice, NoticeKind, Workflow
from workflows.services import status

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}
FAILS = {"id": "end", "kind": "finish", "status": "failed", "message": "no"}
RULE_TEXT = {"action": "pause", "ratio": 0.5, "min_runs": 4, "window": "PT10M", "in_a_row": 3}

pytestmark = pytest.mark.django_db


def failing(*, runs: int = 3, **rule: Any) -> Workflow:
    workflow = workflow_of(STEP, failure_rule={**RULE_TEXT, **rule}, notify=["ops@example.test"])
    back_date(workflow)
    fail(workflow, runs)
    return workflow


def back_date(workflow: Workflow) -> None:
    """Started and published an hour ago."""
    earlier = timezone.now() - timedelta(hours=1)
    workflow.activated_at = workflow.published.published_at = earlier
    workflow.published.save()
    workflow.save()


def fail(workflow: Workflow, count: int, **changes: Any) -> list[Run]:
    moment = timezone.now()
    values = {"status": "failed", "due_at": None, "ended_at": moment, "started_at": moment, **changes}
    return [make_run(workflow, **values) for _ in range(count)]


def look() -> int:
    return Watch().look()


def state(workflow: Workflow) -> str:
    return Workflow.objects.get(pk=workflow.pk).status


def paused_by_rule(workflow: Workflow) -> list[AuditEvent]:
    events = AuditEvent.objects.filter(event="Workflow paused by rule", subject_id=str(workflow.pk))
    return list(events.order_by("id"))


def test_a_broken_rule_pauses_with_its_evidence() -> None:
    workflow = failing()
    assert [look(), look()] == [1, 0]
    workflow.refresh_from_db()
    assert (workflow.status, workflow.category, workflow.status_by) == ("paused", "failures", "Failure rule")
    assert workflow.reason == "failure rule: 3 runs in a row failed (limit 3)"
    assert workflow.in_flight_choice == "hold"
    [event] = paused_by_rule(workflow)
    after = json.loads(event.after)
    assert (event.actor_kind, event.actor_label) == ("rule", "Failure rule")
    assert (after["rule"], after["limit"]) == ("in_a_row", {"in_a_row": 3})
    assert set(after["runs"]) == set(map(str, Run.objects.values_list("pk", flat=True)))
    notice = Notice.objects.get()
    assert (notice.kind, notice.deliveries.count()) == (NoticeKind.FAILURE_RULE, 1)


def test_real_runs_that_fail_trip_it() -> None:
    workflow = workflow_of(STEP, FAILS, failure_rule=RULE_TEXT)
    for _ in range(3):
        accept(workflow)
    advance_due()
    assert look() == 1
    held = accept(Workflow.objects.get(pk=workflow.pk))
    assert (state(workflow), held.status) == ("paused", "held")


def test_it_re_arms_after_a_resume() -> None:
    workflow = failing()
    look()
    status.resume(workflow.pk)
    assert look() == 0
    fail(workflow, 2)
    assert look() == 0
    fail(workflow, 1)
    assert look() == 1
    assert len(paused_by_rule(workflow)) == 2
    assert Notice.objects.filter(kind=NoticeKind.FAILURE_RULE).count() == 2


@pytest.mark.parametrize("changes", [{"is_test": True}, {"status": "cancelled"}, {"status": "skipped"}])
def test_tests_and_cancelled_runs_pause_nothing(changes: dict[str, Any]) -> None:
    workflow = failing(runs=0)
    fail(workflow, 5, **changes)
    assert (look(), state(workflow)) == (0, "active")


def test_off_does_nothing_and_a_draft_or_paused_one_is_left_alone() -> None:
    workflow = failing(action="off")
    assert (look(), state(workflow)) == (0, "active")
    paused = failing()
    status.pause(paused.pk, reason="by hand")
    assert look() == 0
    assert paused_by_rule(paused) == []


def test_warn_tells_once_and_ends_when_its_window_has_passed_without_failures() -> None:
    workflow = failing(action="warn")
    assert [look(), look()] == [1, 0]
    notice = Notice.objects.get()
    assert (state(workflow), notice.closed_at) == ("active", None)
    assert notice.title == f"{workflow.name} fails above its failure rule"
    assert json.loads(notice.facts)["failed"] == 3
    fail(workflow, 1, status="success")
    assert (look(), open_warnings()) == (0, 1)
    Notice.objects.update(raised_at=timezone.now() - timedelta(minutes=11))
    Run.objects.filter(status="failed").update(ended_at=timezone.now() - timedelta(minutes=11))
    assert (look(), open_warnings()) == (0, 0)
    fail(workflow, 3)
    assert (look(), open_warnings()) == (1, 1)


def test_a_publish_ends_a_warning() -> None:
    workflow = failing(action="warn")
    look()
    assert workflow.published
    workflow.published.published_at = timezone.now()
    workflow.published.save()
    assert (look(), open_warnings()) == (0, 0)


def open_warnings() -> int:
    return Notice.objects.filter(kind=NoticeKind.FAILURE_RULE, closed_at=None).count()


def test_a_pause_by_hand_ends_a_warning_and_is_told_itself() -> None:
    workflow = failing(action="warn")
    look()
    status.pause(workflow.pk, reason="mending it")
    assert open_warnings() == 0
    assert Notice.objects.get(closed_at=None).kind == NoticeKind.PAUSED


def test_a_look_asks_only_workflows_that_failed_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = failing(runs=0)
    fail(quiet, 2, ended_at=timezone.now() - timedelta(hours=2))
    asked: list[int] = []
    monkeypatch.setattr(failures, "keep_rule", lambda pk: asked.append(pk) or False)
    watch = Watch()
    watch.look()
    assert asked == [quiet.pk]
    asked.clear()
    watch.rests_until = 0
    watch.look()
    assert asked == []
    fail(quiet, 1)
    watch.rests_until = 0
    watch.look()
    assert asked == [quiet.pk]


def test_a_look_rests_in_proportion_to_what_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    failing()
    watch = Watch()
    clock = iter([100.0, 100.0, 101.0, 110.0])
    monkeypatch.setattr(failures.time, "monotonic", lambda: next(clock))
    assert watch.look() == 1
    assert watch.rests_until == 120.0
    assert watch.look() == 0


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_several_schedulers_pause_exactly_once() -> None:
    for _trial in range(5):
        workflow = failing()
        assert sum(at_once(*[look] * 4)) == 1
        assert len(paused_by_rule(workflow)) == 1
        assert Notice.objects.filter(workflow=workflow).count() == 1


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_nothing_starts_after_a_pause_by_the_rule() -> None:
    workflow = workflow_of(STEP, FAILS, failure_rule=RULE_TEXT)
    for _trial in range(3):
        trial(workflow)
        status.resume(workflow.pk, held="discard")
    assert len(paused_by_rule(workflow)) == 3


def trial(workflow: Workflow) -> None:
    with working(sender(workflow), sender(workflow), watching(), workers=4):
        assert eventually(lambda: state(workflow) == "paused")
        at = Workflow.objects.get(pk=workflow.pk).paused_at
        threading.Event().wait(0.1)
        assert Run.objects.filter(workflow=workflow, started_at__gt=at).count() == 0


def watching() -> Any:
    """Looks as a scheduler does, again and again."""
    watch = Watch()

    def turn() -> None:
        watch.look()
        threading.Event().wait(0.02)

    return turn


PREPARED = """
from tests.runs.engine import test_failures as t
t.failing()
"""
LOOKS = "from tests.runs.engine import test_failures as t; print(t.look())"
STANDS = """
from workflows.models import Notice, Workflow
from audit.models import AuditEvent
print(Workflow.objects.get().status, Notice.objects.count(), AuditEvent.objects.filter(event="Workflow paused by rule").count())
"""


def test_a_scheduler_killed_in_the_pause_leaves_nothing_and_the_next_pauses_once(tmp_path: Path) -> None:
    process = Mortal(tmp_path, "K16 kill once")
    process.prepare(PREPARED)
    process.dies(LOOKS)
    assert process.says(STANDS).split() == ["active", "0", "0"]
    assert process.says(f"{LOOKS}; print(t.look())").split() == ["1", "0"]
    assert process.says(STANDS).split() == ["paused", "1", "1"]


def test_the_actor_is_a_rule() -> None:
    assert (RULE.kind, RULE.label) == ("rule", "Failure rule")
