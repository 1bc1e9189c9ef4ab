"""Replay from the failed step goes the same way again, through loops, branches and failures it went on from."""

from typing import Any
from unittest import mock

import pytest

from runs import services
from runs.models import Run
from tests.runs.engine.driving import accept, advance, attempts, sink, workflow_of
from tests.workflows.sink import Sink
from workflows import outgoing
from workflows.outgoing import OutgoingRequest, OutgoingResponse

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def call(target: Sink, name: str = "call", **changes: Any) -> dict[str, Any]:
    return {"id": name, "kind": "http_request", "method": "POST", "url": target.url, **changes}


def keys(target: Sink) -> list[str]:
    """What was sent, without the run's own id."""
    return [headers["idempotency-key"].split(".", 1)[1] for _method, _path, headers in target.seen]


def replayed(run: Run) -> Run:
    assert run.status == "failed", run.status
    return advance(services.replay(run.pk, from_failed=True).run)


def test_items_that_were_done_are_not_sent_again() -> None:
    with sink() as target:
        unless = {"left": "{{ item }}", "op": "is", "right": "bad"}
        stop = {"id": "stop", "kind": "finish", "status": "failed", "message": "bad", "if": unless}
        loop = {"id": "each", "kind": "for_each", "items": ["a", "bad", "c"], "steps": [call(target), stop]}
        run = advance(accept(workflow_of(loop)))
        assert keys(target) == ["call.0", "call.1"]

        fresh = replayed(run)

    assert (fresh.status, fresh.error_step) == ("failed", "stop"), "it ends there again instead of going on"
    assert keys(target) == ["call.0", "call.1"]


def test_failed_item_is_sent_again_and_the_rest_follows() -> None:
    with sink() as target:
        loop = {"id": "each", "kind": "for_each", "items": ["1", "2", "3"], "steps": [call(target)]}

        def second_is_refused(request: OutgoingRequest) -> OutgoingResponse:
            target.status = 500 if len(target.seen) == 1 else 200
            return outgoing.send(request)

        with mock.patch("runs.engine.performing.send", second_is_refused):
            run = advance(accept(workflow_of(loop)))
        target.status = 200
        assert keys(target) == ["call.0", "call.1"]

        fresh = replayed(run)

    assert fresh.status == "success"
    assert keys(target)[2:] == ["call.1", "call.2"]


def test_failure_that_the_run_went_on_from_is_not_tried_again() -> None:
    with sink() as target:
        first = call(target, "first", expect=["500"], on_failure={"steps": [call(target, "mend")]})
        last = call(target, "last", expect=["500"])
        run = advance(accept(workflow_of(first, last)))
        assert keys(target) == ["first", "mend", "last"]

        fresh = replayed(run)

    assert fresh.error_step == "last"
    assert keys(target)[3:] == ["last"]


def test_step_that_failed_inside_a_failure_branch_is_where_it_starts() -> None:
    with sink() as target:
        mend = call(target, "mend", expect=["500"])
        run = advance(
            accept(workflow_of(call(target, "first", expect=["500"], on_failure={"steps": [mend]})))
        )
        assert run.error_step == "mend"

        replayed(run)

    assert keys(target) == ["first", "mend", "mend"]


def test_branch_that_was_taken_is_taken_again() -> None:
    with sink() as target:
        inside = [call(target, "before"), call(target, "breaks", expect=["500"])]
        choice = {
            "name": "big",
            "if": {"left": "{{ trigger.body.n }}", "op": ">", "right": 5},
            "steps": inside,
        }
        decision = {"id": "which", "kind": "decision", "branches": [choice], "otherwise": []}
        run = advance(accept(workflow_of(decision), {"n": 7}))

        fresh = replayed(run)

    assert keys(target) == ["before", "breaks", "breaks"]
    assert [(step, status) for step, _item, _n, status in attempts(fresh)] == [
        ("which", "success"),
        ("before", "success"),
        ("breaks", "failed"),
    ]


def test_replay_while_active_is_not_marked_to_pass_a_later_pause() -> None:
    run = advance(accept(workflow_of({"id": "a", "kind": "set", "values": {"x": 1}})))

    assert services.replay(run.pk, while_paused=True).run.passes_gate is False
