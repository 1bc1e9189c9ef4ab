from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from runs.engine import executor, release
from runs.models import Release, Run
from tests.factories import make_run
from tests.runs.engine.driving import accept, advance, advance_due, make_due, workflow_of
from workflows import services
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}
NAP = {"id": "nap", "kind": "delay", "for": "PT5M"}
LONG = {"id": "nap", "kind": "delay", "for": "PT5H"}


def pause(workflow: Workflow, **changes: Any) -> Any:
    return services.pause(workflow.pk, **{"reason": "CRM outage", **changes})


def status_of(run: Run) -> str:
    return Run.objects.get(pk=run.pk).status


def words() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("event", flat=True))


def test_pause_holds_what_has_not_started() -> None:
    workflow = workflow_of(STEP)
    run = accept(workflow)

    result = pause(workflow)

    assert (status_of(run), result.figures["held"], result.figures["finishing"]) == ("held", 1, 0)
    assert not executor.advance(str(run.pk))
    assert Run.objects.get(pk=run.pk).started_at is None


def test_pause_moment_is_never_before_the_newest_start() -> None:
    workflow = workflow_of(STEP)
    run = advance(accept(workflow))
    ahead = timezone.now() + timedelta(seconds=30)
    Run.objects.filter(pk=run.pk).update(started_at=ahead)

    result = pause(workflow)

    assert result.figures["paused_at"] == result.workflow.paused_at == ahead


def test_finish_lets_short_waits_go_on_holds_long_ones_and_records_the_drain() -> None:
    short, long = workflow_of(NAP, STEP), workflow_of(LONG, STEP)
    first, second = advance(accept(short)), advance(accept(long))
    assert pause(short, in_flight="finish").figures["finishing"] == 1
    assert pause(long, in_flight="finish").figures["finishing"] == 0

    assert (status_of(first), status_of(second)) == ("waiting", "held")
    short.refresh_from_db()
    assert short.is_draining

    assert advance(make_due(first)).status == "success"
    short.refresh_from_db()
    assert not short.is_draining
    assert words().count("Workflow drained") == 1


def test_run_in_flight_that_begins_a_long_wait_while_paused_is_held() -> None:
    workflow = workflow_of(NAP, {**LONG, "id": "long"}, STEP)
    run = advance(accept(workflow))
    pause(workflow, in_flight="finish")

    run = advance(make_due(run))

    assert run.status == "held"
    workflow.refresh_from_db()
    assert not workflow.is_draining


@pytest.mark.parametrize(("choice", "ended"), [("hold", "held"), ("cancel", "cancelled")])
def test_waiting_run_is_held_or_cancelled_as_chosen(choice: str, ended: str) -> None:
    workflow = workflow_of(NAP, STEP)
    run = advance(accept(workflow))

    pause(workflow, in_flight=choice)

    assert status_of(run) == ended


@pytest.mark.parametrize(("choice", "ended"), [("hold", "held"), ("cancel", "cancelled")])
def test_executing_run_obeys_the_choice_at_its_next_boundary(choice: str, ended: str) -> None:
    workflow = workflow_of(NAP, STEP)
    run = advance(accept(workflow))
    # A worker is executing it just now; the wish is what it will find.
    Run.objects.filter(pk=run.pk).update(
        status="running", due_at=None, lease_until=timezone.now() + timedelta(minutes=1)
    )

    pause(workflow, in_flight=choice)

    run.refresh_from_db()
    assert (run.status, run.wish) == ("running", choice)
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    run.step_attempts.update(due_at=timezone.now())
    assert advance(run).status == ended


def test_test_runs_and_marked_runs_pass_the_closed_gate() -> None:
    workflow = workflow_of(STEP)
    pause(workflow)

    tested = accept(workflow, kind="manual", is_test=True)
    marked = accept(workflow, kind="manual", passes_gate=True)

    assert advance(tested).status == "success"
    assert advance(marked).status == "success"


def test_pending_run_that_slipped_through_is_held_by_the_claim() -> None:
    workflow = workflow_of(STEP)
    pause(workflow)
    run = make_run(workflow)

    assert not executor.advance(str(run.pk))

    run.refresh_from_db()
    assert (run.status, run.reason) == ("held", "paused")
    assert run.held_until > timezone.now() + timedelta(days=6)


def test_stop_cancels_what_waits_and_nothing_starts_after() -> None:
    workflow = workflow_of(LONG, STEP)
    waiting, pending = advance(accept(workflow)), accept(workflow)

    result = services.stop(workflow.pk, reason="No longer needed")

    assert result.figures["cancelled"] == 2
    assert (status_of(waiting), status_of(pending)) == ("cancelled", "cancelled")
    late = make_run(workflow)
    assert not executor.advance(str(late.pk))
    late.refresh_from_db()
    assert (late.status, late.reason, late.started_at) == ("skipped", "not running", None)


def test_resume_releases_held_triggers_on_the_version_published_then() -> None:
    workflow = workflow_of(STEP)
    pause(workflow)
    held = accept(workflow)
    assert (held.status, held.version) == ("held", None)

    result = services.resume(workflow.pk)

    assert {key: result.figures[key] for key in ("released", "discarded", "kept")} == {
        "released": 1,
        "discarded": 0,
        "kept": 0,
    }
    assert release.tick() == 1
    held.refresh_from_db()
    assert (held.status, held.version_id) == ("pending", workflow.published_id)
    assert advance(held).status == "success"
    assert Release.objects.get().ended_how == "done"
    assert words()[-2:] == ["Workflow resumed", "Release started"]


@pytest.mark.parametrize(
    ("choice", "ended", "reason"), [("discard", "skipped", "discarded"), ("keep", "held", "kept")]
)
def test_resume_discards_or_keeps_as_chosen(choice: str, ended: str, reason: str) -> None:
    workflow = workflow_of(STEP)
    pause(workflow)
    held = accept(workflow)

    services.resume(workflow.pk, held=choice)

    held.refresh_from_db()
    assert (held.status, held.reason) == (ended, reason)
    assert words()[-1] == ("Held triggers discarded" if choice == "discard" else "Workflow resumed")
    release.adopt_strays()
    assert status_of(held) == ended


def test_run_held_at_a_boundary_goes_on_with_its_own_version() -> None:
    workflow = workflow_of(NAP, STEP)
    run = advance(accept(workflow))
    pause(workflow, in_flight="hold")
    services.resume(workflow.pk)
    release.tick()

    run.refresh_from_db()
    assert (run.status, run.version_id) == ("waiting", workflow.published_id)
    assert advance(make_due(run)).status == "success"


def test_release_keeps_the_pace_and_stops_when_told() -> None:
    workflow = workflow_of(STEP, release_per_minute=60)
    pause(workflow)
    runs = [accept(workflow) for _ in range(5)]
    services.resume(workflow.pk)

    assert release.tick() == 1, "the first goes at once"
    assert release.tick() == 0, "the next only after a second"
    Release.objects.update(next_at=timezone.now() - timedelta(seconds=1.5))
    assert release.tick() == 2
    assert [status_of(run) for run in runs] == ["pending"] * 3 + ["held"] * 2

    assert release.stop(workflow.pk)
    assert not release.stop(workflow.pk)
    assert [Run.objects.get(pk=run.pk).reason for run in runs[3:]] == ["kept", "kept"]
    assert words()[-1] == "Release stopped"


def test_pause_during_a_release_holds_the_rest_again() -> None:
    workflow = workflow_of(STEP)
    pause(workflow)
    runs = [accept(workflow) for _ in range(3)]
    services.resume(workflow.pk)
    release.tick()

    pause(workflow, reason="Again")

    assert release.tick() == 0
    assert [(r.status, r.reason) for r in Run.objects.filter(pk__in=[run.pk for run in runs])] == [
        ("held", "paused")
    ] * 3


def test_trigger_held_while_the_resume_ran_is_adopted() -> None:
    workflow = workflow_of(STEP)
    run = make_run(workflow, status="held", reason="paused", version=None, due_at=None)

    release.adopt_strays()

    assert advance_due() == 1
    assert status_of(run) == "success"
