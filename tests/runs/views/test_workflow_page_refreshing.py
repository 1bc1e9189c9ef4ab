"""The workflow page: refreshing, how much it asks, and the button that stops a release."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.models import Release, Run
from tests.factories import DEFINITION, make_run, make_workflow
from tests.runs.views.pages import HTMX, notice, text_of
from tests.runs.views.workflow_pages import page
from tests.workflows.events import words

HEAD = {**HTMX, "HX-Target": "workflow-state"}
LIVE = {**HTMX, "HX-Target": "workflow-live"}


def release_of(workflow, **changes):
    values = {"pace": 60, "total": 40, "released": 12, "started_at": timezone.now(), **changes}
    return Release.objects.create(workflow=workflow, **values)


def test_release_shows_progress_and_can_be_stopped(operator):
    workflow = make_workflow()
    job = release_of(workflow)
    make_run(workflow, status="held", reason="releasing", held_at=timezone.now())
    shown = text_of(operator.get(page(workflow)))
    assert "12 of 40 let go, 60 a minute" in shown
    assert 'data-poll="2"' in shown
    response = operator.post(page(workflow, "stop-release/"), headers=HTMX)
    assert (response.status_code, notice(response)) == (
        204,
        "The release is stopped. What it had not let go stays held.",
    )
    job.refresh_from_db()
    assert (job.ended_how, Run.objects.get().reason) == ("stopped", "kept")
    assert words(kind="workflow") == ["Release stopped"]


def test_stopping_a_release_twice_is_harmless_and_works_without_htmx(operator):
    workflow = make_workflow()
    release_of(workflow)
    for _ in range(2):
        assert operator.post(page(workflow, "stop-release/")).url == page(workflow)
    assert words(kind="workflow") == ["Release stopped"]


def test_stopping_a_release_needs_the_right_and_a_post(viewer, operator):
    workflow = make_workflow()
    release_of(workflow)
    refused = viewer.post(page(workflow, "stop-release/"))
    assert (refused.status_code, "role Operator" in text_of(refused)) == (403, True)
    assert operator.get(page(workflow, "stop-release/")).status_code == 405
    assert Release.objects.get().ended_at is None


@pytest.mark.parametrize(("headers", "root"), [(HEAD, "<header id="), (LIVE, '<div id="workflow-live"')])
def test_a_region_gets_itself_alone_and_204_while_nothing_moved(viewer, headers, root):
    workflow = make_workflow()
    make_run(workflow, status="running")
    first = viewer.get(page(workflow), headers=headers)
    assert text_of(first).startswith(root)
    assert 'data-poll="5"' in text_of(first)
    mark = text_of(first).split('data-mark="')[1].split('"')[0]
    assert viewer.get(page(workflow), {"since": mark}, headers=headers).status_code == 204
    Run.objects.update(status="success", ended_at=timezone.now())
    moved = viewer.get(page(workflow), {"since": mark}, headers=headers)
    assert moved.status_code == 200
    assert "data-poll" not in text_of(moved)


def test_header_refreshes_on_every_tab(viewer):
    workflow = make_workflow()
    for tail in ("", "runs/", "versions/", "audit/", "settings/"):
        assert text_of(viewer.get(page(workflow, tail), headers=HEAD)).startswith("<header id=")


def queries_of(client, address, **options):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, **options).status_code in (200, 204)
    return len(captured)


def test_query_counts_do_not_grow(viewer):
    counts = set()
    for number in (1, 3, 50):
        triggers = [{"id": f"t{n}", "kind": "schedule", "every": "PT1H"} for n in range(min(number, 10))]
        steps = [{"id": f"s{n}", "kind": "set", "values": {"a": n}} for n in range(number)]
        workflow = make_workflow(definition={**DEFINITION, "triggers": triggers, "steps": steps})
        for _ in range(number):
            make_run(workflow, status="failed", ended_at=timezone.now(), error="no")
        counts.add(queries_of(viewer, page(workflow)))
    assert counts == {16}


def test_an_unchanged_poll_costs_five_queries(viewer):
    workflow = make_workflow()
    make_run(workflow, status="running")
    shown = text_of(viewer.get(page(workflow), headers=HEAD))
    mark = shown.split('data-mark="')[1].split('"')[0]
    assert queries_of(viewer, f"{page(workflow)}?since={mark}", headers=HEAD) <= 5
