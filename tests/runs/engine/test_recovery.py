"""What becomes of a run whose worker dies, stops, or fails."""

import threading
from unittest import mock

import pytest
from django.db import OperationalError
from django.utils import timezone

from runs import services
from runs.engine import executor, sweeper
from runs.engine.journal import Journal
from runs.models import Run, StepAttempt
from tests.runs.engine.driving import STEP, accept, advance, attempts, lose_worker, sink, workflow_of

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


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
