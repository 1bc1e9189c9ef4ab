import threading
from datetime import timedelta
from unittest import mock

import pytest
from django.db import OperationalError
from django.utils import timezone

from runs import services
from runs.engine import doorbell, executor, lease, sweeper
from runs.engine.journal import Journal
from runs.models import Run, StepAttempt
from tests.factories import make_run, make_workflow
from tests.runs.engine.driving import accept, advance, attempts, definition, lose_worker, sink, workflow_of
from tests.runs.engine.driving import claimed as claim
from workflows.services.status import pause

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

STEP = {"id": "a", "kind": "set", "values": {"x": 1}}


class Died(BaseException):
    """As if the process had been killed: nothing catches it."""


def call(url: str, method: str = "POST", **changes: object) -> dict[str, object]:
    return {"id": "call", "kind": "http_request", "method": method, "url": url, **changes}


def die_before(name: str) -> mock._patch:
    return mock.patch(name, side_effect=Died)


def killed_while(run: Run, name: str) -> Run:
    with die_before(name), pytest.raises(Died):
        executor.advance(str(run.pk))
    return lose_worker(run)


def test_second_claim_of_a_run_gives_nothing() -> None:
    run = accept(workflow_of(STEP))

    assert claim(str(run.pk), "one") is not None
    assert claim(str(run.pk), "two") is None


@pytest.mark.parametrize("text", ["", "garbage", "00000000-0000-0000-0000-000000000000", "x" * 5000])
def test_message_that_names_no_run_does_nothing(text: str) -> None:
    assert executor.advance(text) is False


def test_lost_lease_lets_another_worker_go_on_where_the_journal_ends() -> None:
    with sink() as target:
        run = accept(workflow_of(call(target.url, "GET"), {**call(target.url, "GET"), "id": "second"}))
        with sink():
            original = Journal.intend
            calls: list[str] = []

            def die_at_second(journal: Journal, attempt: StepAttempt) -> str:
                calls.append(attempt.step_id)
                if attempt.step_id == "second":
                    raise Died
                return original(journal, attempt)

            with mock.patch.object(Journal, "intend", die_at_second), pytest.raises(Died):
                executor.advance(str(run.pk))
        run = advance(lose_worker(run))

    assert run.status == "success"
    assert [headers["idempotency-key"] for _, _, headers in target.seen] == [
        f"{run.pk}.call",
        f"{run.pk}.second",
    ]
    assert run.deaths == 0, "a recorded result starts the count anew"


def test_started_at_is_the_first_claims_stamp_and_stays() -> None:
    with sink() as target:
        run = accept(workflow_of(call(target.url, "GET")))
        run = killed_while(run, "runs.engine.performing.send")
        first = run.started_at
        run = advance(run)

    assert run.status == "success"
    assert run.started_at == first


def test_repeatable_request_is_sent_again_under_the_same_key() -> None:
    with sink() as target:
        run = accept(workflow_of(call(target.url, on_crash="repeat")))
        run = killed_while(run, "runs.engine.performing.send")
        assert attempts(run) == [("call", "", 1, "started")]
        run = advance(run)

    assert run.status == "success"
    assert attempts(run) == [("call", "", 1, "failed"), ("call", "", 2, "success")]
    assert [headers["idempotency-key"] for _, _, headers in target.seen] == [f"{run.pk}.call"]


def test_unrepeatable_request_is_never_sent_again_by_itself() -> None:
    with sink() as target:
        run = accept(workflow_of(call(target.url), STEP))
        run = killed_while(run, "runs.engine.performing.send")
        run = advance(run)

        assert (run.status, run.error_step) == ("needs_decision", "call")
        assert not executor.advance(str(run.pk))
    assert target.seen == []


@pytest.mark.parametrize(
    ("how", "status", "sent"), [("done", "success", 0), ("repeat", "success", 1), ("fail", "failed", 0)]
)
def test_decision_settles_the_unknown_outcome(how: str, status: str, sent: int) -> None:
    with sink() as target:
        run = accept(workflow_of(call(target.url), STEP))
        run = advance(killed_while(run, "runs.engine.performing.send"))

        assert services.decide(run.pk, how).changed
        run = advance(run)

    assert run.status == status
    assert len(target.seen) == sent


def test_on_crash_fail_takes_the_failure_branch() -> None:
    with sink() as target:
        run = accept(workflow_of(call(target.url, on_crash="fail", on_failure="continue"), STEP))
        run = advance(killed_while(run, "runs.engine.performing.send"))

    assert run.status == "success"
    assert target.seen == []


def test_third_death_within_a_step_fails_the_run() -> None:
    with sink() as target:
        run = accept(workflow_of(call(target.url, "GET")))
        for _ in range(2):
            run = killed_while(run, "runs.engine.performing.send")
        run = killed_while(run, "runs.engine.performing.send")
        executor.advance(str(run.pk))

    run = Run.objects.get(pk=run.pk)
    assert (run.status, run.error_code) == ("failed", "worker_died")


def test_three_run_killers_stop_the_workflow() -> None:
    workflow = workflow_of(STEP)
    now = timezone.now()
    for _ in range(3):
        run = accept(workflow)
        Run.objects.filter(pk=run.pk).update(
            status="failed", error_code="worker_died", deaths=3, ended_at=now
        )

    assert sweeper.stop_killers() == 1

    workflow.refresh_from_db()
    assert (workflow.status, workflow.cause) == ("not_running", "resource_limit")
    assert sweeper.stop_killers() == 0


def test_late_worker_writes_nothing_after_a_kill() -> None:
    with sink() as target:
        run = accept(workflow_of(call(target.url, "GET"), STEP))

        def kill_meanwhile(request: object) -> object:
            services.kill(run.pk)
            raise Died

        with mock.patch("runs.engine.performing.send", side_effect=kill_meanwhile), pytest.raises(Died):
            executor.advance(str(run.pk))
        claimed_again = executor.advance(str(run.pk))

    run.refresh_from_db()
    assert (run.status, run.reason, claimed_again) == ("cancelled", "killed", False)


def test_stale_write_changes_nothing() -> None:
    with sink() as target:
        run = accept(workflow_of(call(target.url, "GET"), STEP))

        def taken_meanwhile(request: object) -> object:
            Run.objects.filter(pk=run.pk).update(fence=99)
            return mock.Mock(status=200, headers={}, content=b"", cut=False, url=target.url)

        with mock.patch("runs.engine.performing.send", side_effect=taken_meanwhile):
            executor.advance(str(run.pk))

    run.refresh_from_db()
    assert (run.status, run.fence) == ("running", 99)
    assert attempts(run) == [("call", "", 1, "started")]


def test_unforeseen_exception_closes_the_run_in_plain_words() -> None:
    run = accept(workflow_of(STEP))
    with mock.patch("runs.engine.walker.Walker._attempt", side_effect=ZeroDivisionError):
        executor.advance(str(run.pk))

    run.refresh_from_db()
    assert (run.status, run.error_code) == ("failed", "unexpected")
    assert "ZeroDivisionError" not in run.error


def test_failing_database_fails_no_run() -> None:
    run = accept(workflow_of(STEP))
    with mock.patch("runs.engine.walker.Walker._attempt", side_effect=OperationalError("locked")):
        executor.advance(str(run.pk))

    run.refresh_from_db()
    assert (run.status, run.reason) == ("waiting", "database")


def test_stopping_worker_leaves_the_run_for_the_next() -> None:
    with sink() as target:
        run = accept(workflow_of(STEP, call(target.url, "GET")))
        stopping = threading.Event()
        stopping.set()
        with mock.patch.object(executor, "stopping", stopping):
            executor.advance(str(run.pk))
        run.refresh_from_db()
        assert (run.status, run.reason, run.deaths) == ("waiting", "worker stopped", 0)
        run = advance(run)

    assert run.status == "success"
    assert attempts(run) == [("a", "", 1, "success"), ("call", "", 1, "success")]


def test_lease_is_renewed_only_for_claims_that_still_hold() -> None:
    run = accept(workflow_of(STEP))
    claimed = claim(str(run.pk), lease.OWNER)
    before = Run.objects.get(pk=run.pk).lease_until
    with lease.kept({str(run.pk): claimed.fence}):
        assert lease.renew() == 1
    assert Run.objects.get(pk=run.pk).lease_until > before
    with lease.kept({str(run.pk): claimed.fence + 1}):
        assert lease.renew() == 0
    assert lease.renew() == 0


def test_limit_of_runs_at_once_leaves_the_others_pending() -> None:
    nap = {"id": "nap", "kind": "delay", "for": "PT5M"}
    workflow = workflow_of(nap, max_running=2)
    runs = [accept(workflow) for _ in range(4)]

    statuses = [advance(run).status for run in runs]

    assert statuses == ["waiting", "waiting", "pending", "pending"]
    services.cancel(runs[0].pk)
    assert [advance(run).status for run in runs[2:]] == ["waiting", "pending"]


def test_queued_schedule_runs_one_occurrence_after_the_other() -> None:
    every = {"id": "tick", "kind": "schedule", "cron": "* * * * *", "overlap": "queue"}
    nap = {"id": "nap", "kind": "delay", "for": "PT5M"}
    workflow = make_workflow(definition={**definition(nap), "triggers": [every]})
    first, second = (make_run(workflow, trigger_kind="schedule", trigger_id="tick") for _ in range(2))

    assert [advance(run).status for run in (second, first, second)] == ["pending", "waiting", "pending"]
    services.cancel(first.pk)
    assert advance(second).status == "waiting"


def test_starts_per_minute_put_the_next_start_off() -> None:
    workflow = make_workflow(definition=definition(STEP, starts_per_minute=2))
    first, second, third = (accept(workflow) for _ in range(3))
    advance(first), advance(second)

    third = advance(third)

    assert third.status == "pending"
    assert timedelta(seconds=50) < third.due_at - timezone.now() <= timedelta(seconds=60)


def test_pump_rings_what_nobody_was_rung_for_and_again_what_was_lost() -> None:
    run = accept(workflow_of(STEP, max_running=1))
    assert sweeper.ring_due() == 0, "whoever accepted it rang just now"
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=2))
    assert sweeper.ring_due() == 1
    assert sweeper.ring_due() == 0
    Run.objects.filter(pk=run.pk).update(rung_at=timezone.now() - timedelta(minutes=1))
    assert sweeper.ring_due() == 1


def test_pump_wakes_for_instant_runs_and_rings_for_those_whose_gate_was_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(doorbell, "wake", lambda: woken.append(True))
    workflow = workflow_of(STEP)
    run = accept(workflow)
    woken.clear()
    assert (sweeper.ring_due(), woken) == (0, []), "whoever accepted it woke just now"
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=2))
    assert (sweeper.ring_due(), woken) == (0, [True])
    # Accepted while a pause was on its way: no batch takes it, so it is rung for and becomes Held.
    pause(workflow.pk, reason="Maintenance")
    late = {"status": "pending", "due_at": timezone.now() - timedelta(seconds=2), "held_until": None}
    Run.objects.filter(pk=run.pk).update(**late)
    assert sweeper.ring_due() == 1
    assert advance(run).status == "held"


def test_sweeper_rings_for_runs_of_dead_workers() -> None:
    run = accept(workflow_of(STEP))
    claim(str(run.pk), "somebody")
    assert sweeper.take_over() == 0
    lose_worker(run)
    assert sweeper.take_over() == 1


def test_held_trigger_expires_as_skipped() -> None:
    workflow = workflow_of(STEP, status="paused")
    run = accept(workflow)
    Run.objects.filter(pk=run.pk).update(held_until=timezone.now() - timedelta(seconds=1))

    assert sweeper.expire_held() == 1

    run.refresh_from_db()
    assert (run.status, run.reason) == ("skipped", "expired")
