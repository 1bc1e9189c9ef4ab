"""A run's steps: order, nesting, what each one's attempts say."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs.models import Run
from runs.timeline import Node, Timeline
from tests.runs.engine.driving import accept, advance, sink, workflow_of
from workflows.definition.compiled import compile_definition

pytestmark = pytest.mark.django_db

SET = {"kind": "set", "values": {"x": "1"}}


def timeline_of(run: Run, *, is_part: bool = False, only: tuple[str, ...] = ()) -> Timeline:
    attempts = run.step_attempts.order_by("pk")
    if only:
        attempts = attempts.filter(step_id__in=only)
    return Timeline(run, compile_definition(run.version.definition), list(attempts), is_part=is_part)


def drawn(nodes: list[Node]) -> list[Any]:
    """Each node's id and badge, with its groups."""
    return [
        (node.step_id, node.badge, *((group.label, drawn(group.nodes)) for group in node.groups))
        for node in nodes
    ]


def request(number: str, url: str, **fields: Any) -> dict[str, Any]:
    return {"id": number, "kind": "http_request", "method": "POST", "url": url, **fields}


DECISION = {
    "id": "choose",
    "kind": "decision",
    "branches": [
        {
            "name": "hot",
            "if": {"left": "{{ trigger.body.hot }}", "op": "is", "right": True},
            "steps": [{"id": "call", **SET}],
        }
    ],
    "otherwise": [{"id": "wait", "kind": "delay", "for": "P3D"}],
}


def test_untouched_run_shows_every_step_to_come() -> None:
    run = accept(workflow_of(DECISION, {"id": "last", **SET, "enabled": False}))

    nodes = timeline_of(run).nodes

    assert drawn(nodes) == [
        ("choose", "", ("If hot", [("call", "")]), ("Otherwise", [("wait", "")])),
        ("last", ""),
    ]
    assert [node.note for node in nodes] == ["to come", "switched off"]


def test_decision_shows_the_branch_that_was_taken() -> None:
    run = advance(accept(workflow_of(DECISION), {"hot": True}))

    assert drawn(timeline_of(run).nodes) == [("choose", "success", ("If hot", [("call", "success")]))]


def test_delay_says_until_when() -> None:
    run = advance(accept(workflow_of(DECISION), {"hot": False}))

    node = timeline_of(run).find("wait", "")

    assert (node.badge, node.wait[:6]) == ("waiting", "until ")


def test_loop_shows_each_item_and_loops_beside_each_other_do_not_mix() -> None:
    first = {"id": "one", "kind": "for_each", "items": ["a", "b"], "steps": [{"id": "a", **SET}]}
    second = {"id": "two", "kind": "for_each", "items": ["c"], "steps": [{"id": "b", **SET}]}
    run = advance(accept(workflow_of(first, second)))

    assert drawn(timeline_of(run).nodes) == [
        ("one", "success", ("Item 1", [("a", "success")]), ("Item 2", [("a", "success")])),
        ("two", "success", ("Item 1", [("b", "success")])),
    ]


def test_loops_within_loops_keep_their_places() -> None:
    inner = {"id": "inner", "kind": "for_each", "items": ["x", "y"], "steps": [{"id": "deep", **SET}]}
    run = advance(accept(workflow_of({"id": "outer", "kind": "for_each", "items": [1, 2], "steps": [inner]})))

    timeline = timeline_of(run)

    assert timeline.find("deep", "1.0").item == "1.0"
    assert [node.item for node in timeline.all() if node.step_id == "deep"] == ["0.0", "0.1", "1.0", "1.1"]


def test_retry_names_its_number_and_time() -> None:
    with sink() as target:
        target.status = 503
        step = request("send", target.url, retry={"tries": 5, "backoff": "PT60S"})
        run = advance(accept(workflow_of(step)))

    node = timeline_of(run).nodes[0]

    assert node.badge == "waiting"
    assert node.wait.startswith("retry 2 of 5 at ")


def test_failure_that_ended_the_run_comes_before_one_that_it_outlived() -> None:
    bears = request("bears", "http://127.0.0.1:9/", on_failure="continue")
    ends = request("ends", "http://127.0.0.1:9/")
    run = advance(accept(workflow_of(bears, ends, {"id": "after", **SET})))

    timeline = timeline_of(run)

    assert timeline.failure.step_id == "ends"
    assert [node.note for node in timeline.nodes] == [
        "the run goes on after this failure",
        "",
        "not reached",
    ]


def test_steps_for_a_failure_stand_below_it() -> None:
    step = request("send", "http://127.0.0.1:9/", on_failure={"steps": [{"id": "tell", **SET}]})
    run = advance(accept(workflow_of(step)))

    assert drawn(timeline_of(run).nodes) == [("send", "failed", ("If it fails", [("tell", "success")]))]


@pytest.mark.parametrize(
    ("status", "badge"),
    [("needs_decision", "needs_decision"), ("running", "running"), ("cancelled", "cancelled")],
)
def test_attempt_without_an_end_follows_the_run(status: str, badge: str) -> None:
    run = accept(workflow_of({"id": "a", **SET}))
    run.step_attempts.create(step_id="a", kind="set", status="started", started_at=timezone.now())
    run.status = status

    assert timeline_of(run).nodes[0].badge == badge


def test_part_shows_only_what_was_loaded_with_what_stands_around_it() -> None:
    loop = {"id": "each", "kind": "for_each", "items": ["a", "b"], "steps": [{"id": "in", **SET}]}
    run = advance(accept(workflow_of(loop, {"id": "after", **SET})))

    assert drawn(timeline_of(run, is_part=True, only=("in",)).nodes) == [
        ("each", "", ("Item 1", [("in", "success")]), ("Item 2", [("in", "success")]))
    ]


def test_attempts_that_the_definition_does_not_know_are_shown_all_the_same() -> None:
    run = accept(workflow_of({"id": "a", **SET}))
    moment = timezone.now()
    run.step_attempts.create(
        step_id="old",
        kind="gone",
        status="success",
        started_at=moment,
        ended_at=moment + timedelta(seconds=2),
    )

    node = timeline_of(run).find("old", "")

    assert (node.label, node.badge, node.duration) == ("gone", "success", timedelta(seconds=2))
    assert drawn(Timeline(run, None, list(run.step_attempts.all())).nodes) == [("old", "success")]
