"""The page of one run: its steps, the opened attempt, and values."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from runs.models import StepAttempt
from tests.factories import make_run, make_workflow
from tests.runs.engine.driving import accept, advance, workflow_of
from tests.runs.views.pages import text_of
from tests.runs.views.run_pages import attempt, page_of

pytestmark = pytest.mark.django_db

CALL = {"id": "call", "kind": "http_request", "method": "POST", "url": "http://127.0.0.1:9/"}
SET = {"kind": "set", "values": {"x": "1"}}


def test_failure_opens_its_step_with_error_and_advice(viewer: Client) -> None:
    run = advance(accept(workflow_of({"id": "first", **SET}, CALL), {"a": 1}))
    page = text_of(viewer.get(page_of(run)))
    href = re.search(r'id="go-to-failure"[^>]* href="([^"#]+)#step-call"', page).group(1)

    opened = text_of(viewer.get(href))

    assert href == f"{page_of(run)}?step=call"
    panel = opened[opened.index('id="step-panel"') :]
    assert "is not a public address" in panel
    assert "egress_refused" in panel
    assert "What to do" in panel
    assert "&quot;method&quot;: &quot;POST&quot;" in panel
    assert 'aria-expanded="true"' in opened


def test_step_of_a_loop_is_opened_by_its_item(viewer: Client) -> None:
    loop = {
        "id": "each",
        "kind": "for_each",
        "items": ["red", "blue"],
        "steps": [{"id": "in", "kind": "set", "values": {"v": "{{ item }}"}}],
    }
    run = advance(accept(workflow_of(loop)))

    second = text_of(viewer.get(f"{page_of(run)}?step=in&item=1"))
    any_one = text_of(viewer.get(f"{page_of(run)}?step=in"))

    assert "blue" in second and "red" not in second
    assert "red" in any_one and "blue" not in any_one


def test_attempt_is_chosen_by_its_number(viewer: Client) -> None:
    run = make_run(make_workflow(), status="failed")
    attempt(run, number=1, status="failed", is_final=False, error="first try")
    attempt(run, number=2, status="failed", error="second try")

    assert "second try" in text_of(viewer.get(f"{page_of(run)}?step=greet"))
    older = text_of(viewer.get(f"{page_of(run)}?step=greet&attempt=1"))
    assert "first try" in older and "second try" not in older
    assert "2 attempts" in older


def test_attempt_that_will_be_repeated_needs_nothing_done(viewer: Client) -> None:
    run = make_run(make_workflow(), status="waiting", reason="retry")
    attempt(run, status="failed", is_final=False, error="no", error_code="timed_out")

    assert "Nothing yet: it is tried again by itself." in text_of(viewer.get(f"{page_of(run)}?step=greet"))


@pytest.mark.parametrize(
    "query", ["step=nothing", "step=greet&attempt=99", "step=greet&item=7", "attempt=x", "page=x"]
)
def test_address_of_nothing_opens_the_page_without_a_step(viewer: Client, query: str) -> None:
    run = make_run(make_workflow(), status="success")
    attempt(run)

    page = viewer.get(f"{page_of(run)}?{query}")

    assert page.status_code == 200
    assert "step-panel" not in text_of(page)


def test_values_are_text_and_begin_with_four_kilobytes(viewer: Client) -> None:
    run = make_run(make_workflow(), status="success")
    attempt(run, output=json.dumps({"html": "<script>alert(1)</script>", "long": "x" * 9000}))

    first = text_of(viewer.get(f"{page_of(run)}?step=greet"))
    whole = text_of(viewer.get(f"{page_of(run)}?step=greet&full=output"))

    assert "<script>alert" not in first
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in first
    shown = re.search(r'<pre id="value-output"[^>]*>(.*?)</pre>', first, re.DOTALL).group(1)
    assert shown.count("x") < 4096
    assert f'href="{page_of(run)}?step=greet&amp;full=output#step-panel"' in first
    assert "x" * 9000 in whole


@pytest.mark.parametrize(
    "stored", ['{"half":"\\ud83d"}', '{"zero":"\\u0000"}', "[" * 31 + "]" * 31, "not json"]
)
def test_strange_stored_values_are_shown(viewer: Client, stored: str) -> None:
    run = make_run(make_workflow(), status="success", input=json.dumps({"body": {"half": "\ud83d"}}))
    attempt(run, output=stored)

    assert viewer.get(f"{page_of(run)}?step=greet").status_code == 200
    assert viewer.get(f"{page_of(run)}values/output/?step=greet").status_code == 200


def test_values_come_as_text_files(viewer: Client) -> None:
    run = make_run(make_workflow(), status="success", input='{"body":{"a":"<b>"},"headers":{},"query":{}}')
    attempt(run, output='{"b":2}')

    trigger = viewer.get(f"{page_of(run)}values/trigger/")
    output = viewer.get(f"{page_of(run)}values/output/?step=greet")

    assert json.loads(trigger.content) == {"body": {"a": "<b>"}, "headers": {}, "query": {}}
    assert json.loads(output.content) == {"b": 2}
    assert output.headers["Content-Type"] == "text/plain; charset=utf-8"
    name = f"run-{run.pk.hex[-8:]}-greet-1-output.txt"
    assert output.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert output.headers["X-Content-Type-Options"] == "nosniff"
    assert viewer.get(f"{page_of(run)}values/output/?step=other").status_code == 404
    assert viewer.get(f"{page_of(run)}values/secrets/").status_code == 404


@pytest.mark.parametrize("count", [1, 3, 50])
def test_page_has_one_query_count_for_any_number_of_steps(
    viewer: Client, count: int, django_assert_num_queries: Any
) -> None:
    run = make_run(make_workflow(), status="success")
    for number in range(count):
        attempt(run, number=number + 1)
        make_run(run.workflow, replay_of=run)
    viewer.get(page_of(run))

    with django_assert_num_queries(11):
        viewer.get(f"{page_of(run)}?step=greet")


def test_above_two_hundred_attempts_failed_and_open_ones_come_first(viewer: Client) -> None:
    loop = {"id": "each", "kind": "for_each", "items": "{{ trigger.body }}", "steps": [{"id": "in", **SET}]}
    run = advance(accept(workflow_of(loop), list(range(250))))
    StepAttempt.objects.filter(run=run, item="17").update(status="failed", error="seventeen")

    few = text_of(viewer.get(page_of(run)))
    everything = text_of(viewer.get(f"{page_of(run)}?show=all"))
    rest = text_of(viewer.get(f"{page_of(run)}?show=all&page=2"))

    assert re.findall(r'id="step-in-(\d+)"', few) == ["17"]
    assert "Only failed and open steps of 251 attempts are shown." in few
    assert len(re.findall(r'id="step-in-(\d+)"', everything)) == 199
    assert re.findall(r'id="step-in-(\d+)"', rest) == [str(number) for number in range(199, 250)]


def test_opened_step_is_shown_among_the_failed_ones(viewer: Client) -> None:
    loop = {"id": "each", "kind": "for_each", "items": "{{ trigger.body }}", "steps": [{"id": "in", **SET}]}
    run = advance(accept(workflow_of(loop), list(range(250))))

    page = text_of(viewer.get(f"{page_of(run)}?step=in&item=99"))

    assert re.findall(r'id="step-in-(\d+)"', page) == ["99"]
    assert "step-panel" in page
