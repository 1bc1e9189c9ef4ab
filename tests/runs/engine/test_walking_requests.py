"""A run sends its requests: one key, more tries, and the way on after a failure."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.runs.engine.driving import accept, advance, attempts, make_due, sink, workflow_of

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def test_request_carries_one_key_and_its_answer_is_the_output() -> None:
    with sink() as target:
        step = {"id": "call", "kind": "http_request", "method": "GET", "url": f"{target.url}x"}
        run = advance(accept(workflow_of(step)))

    assert run.status == "success"
    assert [(method, path) for method, path, _ in target.seen] == [("GET", "/x")]
    assert target.seen[0][2]["idempotency-key"] == f"{run.pk}.call"
    assert json.loads(run.step_attempts.get().output)["status"] == 200


def test_passing_failure_is_tried_again_under_the_same_key_until_the_tries_are_used_up() -> None:
    with sink() as target:
        target.status = 503
        retry = {"tries": 3, "backoff": "PT5S", "max_backoff": "PT10S"}
        run = accept(
            workflow_of(
                {"id": "call", "kind": "http_request", "method": "GET", "url": target.url, "retry": retry}
            )
        )
        for expected in (5, 10):
            run = advance(run)
            assert (run.status, run.reason) == ("waiting", "retry")
            assert (
                timedelta(seconds=expected * 0.75)
                < run.due_at - timezone.now()
                <= timedelta(seconds=expected)
            )
            run = make_due(run)
        run = advance(run)

    assert (run.status, run.error_step) == ("failed", "call")
    assert attempts(run) == [("call", "", n, "failed") for n in (1, 2, 3)]
    assert len({headers["idempotency-key"] for _, _, headers in target.seen}) == 1
    assert len(target.seen) == 3


@pytest.mark.parametrize(
    ("choice", "status", "steps"),
    [
        ("stop", "failed", ["call"]),
        ("continue", "success", ["call", "after"]),
        (
            {"steps": [{"id": "tell", "kind": "set", "values": {"a": "{{ steps.call.error }}"}}]},
            "success",
            ["call", "tell", "after"],
        ),
    ],
)
def test_failure_branch_decides_how_the_run_goes_on(choice: object, status: str, steps: list[str]) -> None:
    after = {"id": "after", "kind": "set", "values": {"a": 1}}
    with sink() as target:
        target.status = 404
        call = {
            "id": "call",
            "kind": "http_request",
            "method": "GET",
            "url": target.url,
            "on_failure": choice,
        }
        run = advance(accept(workflow_of(call, after)))

    assert run.status == status
    assert [a[0] for a in attempts(run)] == steps


def test_private_address_is_refused_without_retry() -> None:
    retry = {"tries": 3}
    step = {"id": "call", "kind": "http_request", "method": "GET", "url": "http://10.0.0.1/", "retry": retry}
    run = advance(accept(workflow_of(step)))

    assert (run.status, run.error_code) == ("failed", "egress_refused")
    assert attempts(run) == [("call", "", 1, "failed")]
