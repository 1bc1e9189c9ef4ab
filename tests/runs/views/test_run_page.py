"""The page of one run: what it says, what it offers, and the part that asks again."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from audit.context import Actor, acting
from runs import services
from runs.models import Run
from tests.factories import make_run, make_scope, make_user, make_workflow
from tests.runs.views.pages import HTMX, client_of, main_of, menu_labels, text_of
from tests.runs.views.run_pages import attempt, page_of

pytestmark = pytest.mark.django_db
UNKNOWN = "0190b5a4-0000-7000-8000-000000000000"


def mark_of(response: HttpResponse) -> str:
    return re.search(r'data-mark="([^"]+)"', text_of(response)).group(1)


def test_page_tells_everything_about_a_run(viewer: Client) -> None:
    received = datetime(2026, 11, 23, 9, 14, 3, 120000, tzinfo=UTC)
    workflow = make_workflow("Lead <intake>")
    run = make_run(
        workflow,
        status="failed",
        delivery_id="d-1 <b>",
        correlation="corr-9",
        received_at=received,
        started_at=received + timedelta(seconds=2),
        ended_at=received + timedelta(seconds=65),
        error="The CRM said <no>.",
        error_code="unexpected_status",
    )

    page = text_of(viewer.get(page_of(run)))

    for part in (
        "Lead &lt;intake&gt;",
        "version 1",
        "d-1 &lt;b&gt;",
        "corr-9",
        str(run.pk),
        "23 Nov 2026, 09:14:03.120 UTC",
        "2 s",
        "1 min 3 s",
        "The CRM said &lt;no&gt;.",
        "unexpected_status",
        'data-status="failed"',
    ):
        assert part in page
    assert page.count("<h1") == 1
    assert "data-poll" not in page


@pytest.mark.parametrize("query", ["", "values/trigger/", "cancel/"])
def test_foreign_and_missing_are_the_same(client: Client, query: str) -> None:
    mine, other = make_scope("hub:mine"), make_scope("hub:other")
    foreign = make_run(make_workflow(scope=other))
    person = client_of(make_user("manager", scope=mine))

    address = page_of(foreign) + query
    answers = [person.get(address), person.get(address.replace(str(foreign.pk), UNKNOWN))]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert main_of(answers[0]) == main_of(answers[1])


def test_trigger_input_shows_payload_headers_and_query(operator: Client) -> None:
    given = {"body": {"email": "a@b.test"}, "headers": {"x-source": "shop"}, "query": {"page": "2"}}
    workflow = make_workflow()
    run = make_run(workflow, status="success", input=json.dumps(given))

    page = text_of(operator.get(page_of(run)))

    for part in ("a@b.test", "x-source", "shop", "Query"):
        assert part in page
    assert f'href="/automations/workflows/{workflow.pk}/test/?run={run.pk}"' in page
    assert 'data-copy="value-trigger"' in page


def test_viewer_sees_no_verbs(viewer: Client) -> None:
    run = make_run(make_workflow(), status="needs_decision", error_step="greet")

    page = text_of(viewer.get(page_of(run)))

    assert "Actions for run" not in page
    assert "as=done" not in page
    assert "test/?run=" not in page


def test_operator_has_the_menu_of_the_status(operator: Client) -> None:
    run = make_run(make_workflow(), status="held", reason="paused")

    page = operator.get(page_of(run))

    assert menu_labels(page, f"run {run.pk.hex[-8:]}") == ["Release", "Discard", "Cancel", "Kill"]


def test_needs_decision_offers_the_three_answers(operator: Client) -> None:
    run = make_run(make_workflow(), status="needs_decision", error_step="greet")

    page = text_of(operator.get(page_of(run)))

    assert "The worker died after sending; whether the target acted is unknown." in page
    links = re.findall(r'id="decide-\w+"[^>]* href="([^"]+)"[^>]*>([^<]+)</a>', page)
    assert links == [
        (f"{page_of(run)}decide/?as=done", "Mark done"),
        (f"{page_of(run)}decide/?as=repeat", "Repeat"),
        (f"{page_of(run)}decide/?as=fail", "Fail"),
    ]


def test_held_and_skipped_say_why_and_until_when(viewer: Client) -> None:
    workflow = make_workflow()
    until = datetime(2099, 12, 1, 8, 0, tzinfo=UTC)
    held = make_run(workflow, status="held", reason="paused", held_until=until)
    skipped = make_run(workflow, status="skipped", reason="overlap")

    page = text_of(viewer.get(page_of(held)))
    assert "It goes on when the workflow is resumed." in page
    assert "1 Dec 2099, 08:00:00 UTC" in page
    assert "this schedule does not overlap" in text_of(viewer.get(page_of(skipped)))


def test_replay_original_parent_and_children_are_linked(viewer: Client) -> None:
    workflow = make_workflow()
    parent, original = make_run(workflow), make_run(workflow, status="failed")
    run = make_run(workflow, status="failed", replay_of=original, parent=parent)
    replay, child = make_run(workflow, replay_of=run), make_run(workflow, parent=run)

    page = text_of(viewer.get(page_of(run)))

    related = dict(re.findall(r'<dt>([^<]+)</dt><dd><a id="related-([^"]+)"', page))
    assert related == {
        "Started by": str(parent.pk),
        "Replay of": str(original.pk),
        "Replayed as": str(replay.pk),
        "Started": str(child.pk),
    }


def test_related_run_outside_the_persons_scopes_is_not_named() -> None:
    hub = make_scope("hub:mine")
    parent = make_run(make_workflow("Secret plan"))
    run = make_run(make_workflow(scope=hub), parent=parent)

    page = text_of(client_of(make_user("viewer", scope=hub)).get(page_of(run)))

    assert "Secret plan" not in page
    assert str(parent.pk) not in page


def test_what_people_did_is_listed(viewer: Client) -> None:
    run = make_run(make_workflow(), status="pending")
    with acting(Actor("person", "1", "anna"), origin="page"):
        services.cancel(run.pk)

    page = text_of(viewer.get(page_of(run)))

    assert "Run cancelled" in page and "anna" in page


def test_open_run_asks_again_and_unchanged_gets_no_body(
    viewer: Client, django_assert_num_queries: Any
) -> None:
    run = make_run(make_workflow(), status="running")
    first = viewer.get(page_of(run))
    assert 'data-poll="2"' in text_of(first)

    with django_assert_num_queries(5):
        answer = viewer.get(f"{page_of(run)}?since={mark_of(first)}", headers=HTMX)

    assert (answer.status_code, answer.content) == (204, b"")


def test_poll_brings_the_state_and_the_actions_and_ends_with_the_run(operator: Client) -> None:
    run = make_run(make_workflow(), status="running")
    mark = mark_of(operator.get(page_of(run)))
    attempt(run, status="failed", error="no")
    Run.objects.filter(pk=run.pk).update(status="failed", error="no")

    answer = operator.get(f"{page_of(run)}?since={mark}", headers=HTMX)

    page = text_of(answer)
    assert "<html" not in page and "trigger-input" not in page
    assert "data-poll" not in page
    assert 'id="run-actions"' in page and "hx-swap-oob" in page
    assert 'id="replay-run"' in page


def test_page_writes_nothing(viewer: Client) -> None:
    run = make_run(make_workflow(), status="held")

    for method in (viewer.post, viewer.put, viewer.patch, viewer.delete):
        assert method(page_of(run)).status_code == 405
