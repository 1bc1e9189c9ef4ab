"""The drawn twin of a run's steps: true to its times, and the same in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.gantt import WIDTH, gantt
from runs.models import StepAttempt
from runs.timeline import Timeline
from tests.factories import make_run, make_user
from tests.runs.engine.driving import workflow_of
from tests.runs.views.pages import HTMX, client_of, text_of
from workflows.definition.compiled import compile_definition

pytestmark = pytest.mark.django_db
STEPS = [
    {"id": "a", "kind": "set", "values": {"x": 1}},
    {"id": "call", "kind": "http_request", "url": "https://example.test/", "retry": {"tries": 3}},
    {"id": "nap", "kind": "delay", "for": "PT40S"},
]


def begun(seconds=100, **changes):
    workflow = workflow_of(*STEPS)
    start = timezone.now() - timedelta(seconds=seconds)
    values = {"status": "success", "started_at": start, "ended_at": start + timedelta(seconds=100)}
    return make_run(workflow, received_at=start, **{**values, **changes})


def attempt(run, step_id, begin, end, status="success", **changes):
    kinds = {"a": "set", "call": "http_request", "nap": "delay"}
    at = [
        run.started_at + timedelta(seconds=second) if second is not None else None for second in (begin, end)
    ]
    return StepAttempt.objects.create(
        run=run,
        step_id=step_id,
        kind=kinds[step_id],
        status=status,
        started_at=at[0],
        ended_at=at[1],
        **changes,
    )


def drawn(run):
    rows = list(run.step_attempts.order_by("pk"))
    steps = compile_definition(run.version.definition)
    return gantt(run, Timeline(run, steps, rows), timezone.now())


def bars(line):
    return [(bar.kind, bar.left, bar.width) for bar in line.bars]


def test_bars_lie_where_the_times_say():
    run = begun()
    attempt(run, "a", 0, 10)
    attempt(run, "call", 10, 20, "failed", number=1, is_final=False)
    attempt(run, "call", 50, 60, number=2)
    attempt(run, "nap", 60, 100, due_at=run.started_at + timedelta(seconds=100))

    first, call, nap = drawn(run).lines

    assert bars(first) == [("ok", 0, WIDTH // 10)]
    assert bars(call) == [("wait", 200, 300), ("failed", 100, 100), ("ok", 500, 100)]
    assert (call.waited, call.why) == (timedelta(seconds=30), "retry")
    assert bars(nap) == [("wait", 600, 400)]
    assert (nap.waited, nap.why) == (timedelta(seconds=40), "delay")
    assert call.summary == "begins after 10 s and takes 50 s"


def test_open_attempt_goes_on_until_now_and_a_dead_ones_end_is_the_runs():
    run = begun(status="running", ended_at=None, seconds=50)
    attempt(run, "a", 0, None, "started")
    (line,) = drawn(run).lines
    assert bars(line) == [("open", 0, WIDTH)]
    ended = begun(status="failed")
    attempt(ended, "a", 50, None, "started")
    assert bars(drawn(ended).lines[0]) == [("other", 500, 500)]


def test_what_is_too_short_to_see_is_drawn_all_the_same_and_within_the_axis():
    run = begun()
    attempt(run, "a", 100, 100)
    ((kind, left, width),) = bars(drawn(run).lines[0])
    assert kind == "ok" and width >= 1 and left + width <= WIDTH


def test_nothing_is_drawn_before_a_step_has_begun():
    assert drawn(begun()) is None


def test_page_shows_list_or_drawing_with_the_same_steps():
    run, client = begun(), client_of(make_user("viewer"))
    attempt(run, "a", 0, 10)
    attempt(run, "call", 10, 20, "failed")
    address = f"/automations/runs/{run.pk}/"

    plain, picture = text_of(client.get(address)), text_of(client.get(f"{address}?view=drawing"))

    assert 'id="as-drawing"' in plain and "<svg viewBox" not in plain
    assert 'id="as-list"' in picture
    for step_id in ("a", "call"):
        assert f'id="open-{step_id}"' in plain and f'id="open-{step_id}"' in picture
    assert 'aria-label="begins after 10 s and takes 10 s"' in picture
    opened = text_of(client.get(f"{address}?view=drawing&step=call", headers=HTMX))
    assert 'id="step-panel"' in opened and '/?view=drawing&amp;step=call"' in opened
