"""The list of runs: rows, filters, pages, live states, and new rows that wait."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.models import Run, RunStatus, Schedule
from tests.factories import make_run, make_scope, make_user, make_workflow
from tests.runs.views.pages import HTMX, client_of, menu_labels, text_of

pytestmark = pytest.mark.django_db
LIST = "/automations/runs/"


def shown(response: HttpResponse) -> list[str]:
    """The ids of the rows, from top to bottom."""
    return re.findall(r'<tr id="run-([0-9a-f-]{36})"', text_of(response))


def ids(*runs: Run) -> list[str]:
    return [str(run.pk) for run in runs]


def mark_of(response: HttpResponse) -> str:
    return re.search(r'data-mark="([^"]+)"', text_of(response)).group(1)


def poll(client: Client, mark: str, query: str = "") -> HttpResponse:
    return client.get(f"{LIST}?{query}&since={mark}", headers=HTMX)


def test_row_tells_the_run(viewer: Client) -> None:
    now = timezone.now()
    workflow = make_workflow("Lead <intake>")
    run = make_run(
        workflow,
        status="failed",
        started_at=now - timedelta(seconds=4),
        ended_at=now,
        attempts=3,
        error="The CRM said no.\nDetails below",
    )

    page = text_of(viewer.get(LIST))

    assert shown(viewer.get(LIST)) == ids(run)
    for part in (
        "Lead &lt;intake&gt;",
        "version 1",
        "Failed",
        "Workspace",
        "4 s",
        "The CRM said no.",
        "by_hand",
    ):
        assert part in page
    assert "Details below" not in page
    assert f'href="{LIST}{run.pk}/"' in page


def test_newest_comes_first_and_tests_are_left_out(viewer: Client) -> None:
    workflow = make_workflow()
    first, second = make_run(workflow), make_run(workflow)
    test = make_run(workflow, is_test=True)

    assert shown(viewer.get(LIST)) == ids(second, first)
    assert shown(viewer.get(f"{LIST}?test=1")) == ids(test, second, first)
    assert shown(viewer.get(f"{LIST}?test=only")) == ids(test)


def test_stranger_signs_in_and_foreign_runs_are_not_there(client: Client) -> None:
    mine, other = make_scope("hub:mine"), make_scope("hub:other")
    seen = make_run(make_workflow("Mine", scope=mine))
    make_run(make_workflow("Other", scope=other))

    assert client.get(LIST).url == f"/login/?next={LIST}"
    page = client_of(make_user("viewer", scope=mine)).get(LIST)
    assert shown(page) == ids(seen)


def test_filters_narrow_each_in_its_way(viewer: Client) -> None:
    now = timezone.now()
    hub = make_scope("hub:sydney")
    leads, digest = make_workflow("Leads"), make_workflow("Digest", scope=hub)
    old = make_run(leads, status="failed", error="Boom 42", trigger_kind="webhook", delivery_id="d-1")
    Run.objects.filter(pk=old.pk).update(received_at=now - timedelta(days=3))
    new = make_run(digest, status="held", trigger_kind="schedule", correlation="corr-9")

    day = f"{timezone.localtime(now):%Y-%m-%d}"
    expected = {
        "status=failed": [old],
        "status=failed,held": [new, old],
        "status=none": [],
        f"workflow={leads.pk}": [old],
        "workflow=Digest": [new],
        "version=1": [new, old],
        "version=2": [],
        "trigger=webhook": [old],
        "scope=hub:sydney": [new],
        "scope=workspace": [new, old],
        "q=boom+42": [old],
        "q=d-1": [old],
        "q=corr-9": [new],
        f"q={new.pk}": [new],
        f"q={new.pk.hex[-8:]}": [new],
        "q=%ED%A0%80": [],
        f"from={day}": [new],
        f"to={day}": [new, old],
        f"to={timezone.localdate() - timedelta(days=1)}": [old],
        "from=0001-01-01&to=9999-12-31": [new, old],
        f"from={day}T00:00:00Z&to={day}T00:00:00Z": [],
    }
    found = {query: shown(viewer.get(f"{LIST}?{query}")) for query in expected}

    assert found == {query: ids(*runs) for query, runs in expected.items()}


def test_what_was_not_understood_is_said_and_ignored(viewer: Client) -> None:
    run = make_run(make_workflow())

    page = viewer.get(f"{LIST}?workflow=nobody&from=soon&version=x&colour=red")

    assert "4 filters were not understood" in text_of(page)
    assert shown(page) == ids(run)


def test_chip_names_the_workflow_and_removes_the_filter(viewer: Client) -> None:
    workflow = make_workflow("Leads")
    make_run(workflow)

    page = text_of(viewer.get(f"{LIST}?status=pending&workflow={workflow.pk}"))

    chip = re.search(r'value="workflow" [^>]*aria-label="Remove filter Workflow">(.*?)</button>', page)
    assert "Leads" in chip.group(1)
    without = viewer.get(f"{LIST}?status=pending&workflow={workflow.pk}&without=workflow")
    assert without.headers["Location"] == f"{LIST}?status=pending"


def test_foreign_workflow_cannot_be_filtered_by(client: Client) -> None:
    mine, other = make_scope("hub:mine"), make_scope("hub:other")
    secret = make_workflow("Secret plan", scope=other)
    person = client_of(make_user("viewer", scope=mine))

    page = person.get(f"{LIST}?workflow={secret.pk}")

    assert "1 filter was not understood" in text_of(page)
    assert "Secret plan" not in text_of(page)


def test_cursor_leads_through_all_runs_once(viewer: Client) -> None:
    workflow = make_workflow()
    runs = [make_run(workflow) for _number in range(120)]
    seen: list[str] = []
    address = LIST
    while address:
        page = viewer.get(address)
        seen += shown(page)
        make_run(workflow)
        following = re.search(r'id="page-next"[^>]* href="([^"]+)"', text_of(page))
        address = following.group(1) if following else ""

    assert seen == ids(*reversed(runs))


@pytest.mark.parametrize("count", [1, 3, 50])
def test_list_has_one_query_count_for_any_length(
    viewer: Client, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        make_run(make_workflow(scope=make_scope(f"hub:h{number}")), status=RunStatus.values[number % 9])
    viewer.get(LIST)

    with django_assert_num_queries(7):
        page = viewer.get(LIST)

    assert len(shown(page)) == count


def test_unchanged_poll_has_no_body_and_few_queries(viewer: Client, django_assert_num_queries: Any) -> None:
    make_run(make_workflow())
    mark = mark_of(viewer.get(LIST))

    with django_assert_num_queries(5):
        answer = poll(viewer, mark)

    assert (answer.status_code, answer.content) == (204, b"")


def test_poll_shows_states_as_they_are_now(viewer: Client) -> None:
    run = make_run(make_workflow(), status="running")
    mark = mark_of(viewer.get(LIST))
    Run.objects.filter(pk=run.pk).update(status="success")

    answer = poll(viewer, mark)

    assert answer.status_code == 200
    assert 'data-status="success"' in text_of(answer)
    assert "HX-Push-Url" not in answer.headers


def test_new_rows_wait_until_they_are_asked_for(viewer: Client) -> None:
    workflow = make_workflow()
    old = make_run(workflow)
    first = viewer.get(LIST)
    newer = [make_run(workflow) for _number in range(12)]

    second = poll(viewer, mark_of(first))
    newest = make_run(workflow)
    third = poll(viewer, mark_of(second))

    assert (shown(second), shown(third)) == (ids(old), ids(old))
    assert "12 new runs</a>" in text_of(second)
    assert "13 new runs</a>" in text_of(third)
    assert poll(viewer, mark_of(third)).status_code == 204
    asked = viewer.get(LIST, headers=HTMX)
    assert shown(asked) == ids(newest, *reversed(newer), old)
    assert "new runs</a>" not in text_of(asked)


def test_new_rows_outside_the_filter_are_not_announced(viewer: Client) -> None:
    workflow = make_workflow()
    make_run(workflow, status="failed")
    mark = mark_of(viewer.get(f"{LIST}?status=failed"))
    make_run(workflow, status="running")

    assert poll(viewer, mark, "status=failed").status_code == 204


def test_empty_list_shows_its_first_run_with_the_next_poll(viewer: Client) -> None:
    mark = mark_of(viewer.get(LIST))
    assert poll(viewer, mark).status_code == 204
    run = make_run(make_workflow())

    assert shown(poll(viewer, mark)) == ids(run)


def test_strange_mark_is_no_error(viewer: Client) -> None:
    run = make_run(make_workflow())

    assert shown(poll(viewer, "x.y")) == ids(run)


def test_older_page_polls_only_while_a_run_on_it_is_open(viewer: Client) -> None:
    workflow = make_workflow()
    for _number in range(51):
        make_run(workflow, status="success")
    first = viewer.get(LIST)
    older = re.search(r'id="page-next"[^>]* href="([^"]+)"', text_of(first)).group(1)

    assert 'data-poll="5"' in text_of(first)
    assert "data-poll" not in text_of(viewer.get(older))
    Run.objects.filter(pk=shown(viewer.get(older))[0]).update(status="running")
    assert 'data-poll="5"' in text_of(viewer.get(older))


@pytest.mark.parametrize(
    ("status", "labels"),
    [
        ("pending", ["Cancel", "Kill"]),
        ("running", ["Cancel", "Kill"]),
        ("waiting", ["Cancel", "Kill"]),
        ("held", ["Release", "Discard", "Cancel", "Kill"]),
        ("needs_decision", ["Decide…", "Cancel", "Kill"]),
        ("success", ["Replay"]),
        ("failed", ["Replay"]),
        ("cancelled", ["Replay"]),
        ("skipped", ["Replay"]),
    ],
)
def test_menu_offers_what_the_status_allows(operator: Client, status: str, labels: list[str]) -> None:
    run = make_run(make_workflow(), status=status)

    assert menu_labels(operator.get(LIST), f"run {run.pk.hex[-8:]}") == labels


def test_viewer_has_no_menu(viewer: Client) -> None:
    make_run(make_workflow(), status="held")

    assert "Actions for run" not in text_of(viewer.get(LIST))


def test_empty_list_says_how_runs_begin_and_a_narrowed_one_how_to_widen(viewer: Client) -> None:
    assert "A run begins when a trigger of an Active workflow fires" in text_of(viewer.get(LIST))
    assert "Clear filters" in text_of(viewer.get(f"{LIST}?status=failed"))


def test_next_runs_list_a_day_ahead_and_what_is_late(viewer: Client) -> None:
    now = timezone.now()
    for name, ahead, status in (
        ("Late one", -600, "active"),
        ("Soon one", 3600, "active"),
        ("Far one", 200_000, "active"),
        ("Paused one", 60, "paused"),
    ):
        trigger = make_workflow(name, status=status).triggers.get(trigger_id="hook")
        Schedule.objects.create(trigger=trigger, next_at=now + timedelta(seconds=ahead), anchor=now)

    page = text_of(viewer.get(f"{LIST}?show=next"))

    assert re.findall(r'id="next-run-\d+"[^>]*>([^<]+)</a>', page) == ["Late one", "Soon one"]
    assert page.count("Late</span>") == 1


def test_deleted_workflow_is_named_without_a_link(viewer: Client) -> None:
    workflow = make_workflow("Gone", deleted_at=timezone.now())
    make_run(workflow, status="success")

    page = text_of(viewer.get(LIST))

    assert "Gone" in page
    assert f'href="/automations/workflows/{workflow.pk}/"' not in page


def test_next_runs_show_every_instant_of_a_day_within_the_filters(viewer: Client) -> None:
    now = timezone.now()
    hub = make_scope("hub:sydney")
    hourly = '{"cron": "0 * * * *", "every": null, "timezone": "Australia/Sydney"}'
    for name, scope, timetable in (("Hourly", hub, hourly), ("Once", None, "")):
        trigger = make_workflow(name, scope=scope).triggers.get(trigger_id="hook")
        due = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
        Schedule.objects.create(trigger=trigger, next_at=due, anchor=now, timetable=timetable)

    everything = text_of(viewer.get(f"{LIST}?show=next"))
    inside = text_of(viewer.get(f"{LIST}?show=next&scope=hub:sydney", headers=HTMX))

    assert everything.count(">Hourly</a>") == 24
    assert everything.count(">Once</a>") == 1
    assert "AEDT" in everything or "AEST" in everything
    assert (inside.count(">Hourly</a>"), inside.count(">Once</a>")) == (24, 0)
    assert '<input type="hidden" name="show" value="next">' in inside


def test_failed_runs_are_grouped_by_error_with_the_way_to_them_and_to_their_replay(operator: Client) -> None:
    leads, stock = make_workflow("Leads"), make_workflow("Stock")
    refused = {"status": "failed", "error": "crm answered 503\nmore", "error_code": "http_status"}
    runs = [make_run(flow, error_step="greet", **refused) for flow in (leads, stock, leads)]
    make_run(leads, status="failed", error="No lead.email", error_code="template")
    make_run(leads, status="success")
    make_run(leads, is_test=True, **refused)

    page = text_of(operator.get(f"{LIST}?show=errors"))

    assert ">2 errors<" in page
    rows = re.findall(r'<tr id="group-.*?</tr>', page, re.DOTALL)
    assert "crm answered 503" in rows[0]
    assert '<td class="number" data-label="Runs">3</td>' in rows[0]
    assert "Leads, Stock" in rows[0]
    to_runs = re.search(r'-runs" href="([^"]*)"', rows[0]).group(1).replace("&amp;", "&")
    assert shown(operator.get(to_runs)) == ids(*reversed(runs))
    replay = re.search(r'-replay" class="button small" href="([^"]*)"', rows[0]).group(1)
    asked = text_of(operator.get(replay.replace("&amp;", "&")))
    assert "3 of 3 selected runs will change." in asked


def test_a_viewer_sees_groups_without_replay_and_hostile_errors_as_text(viewer: Client) -> None:
    make_run(make_workflow("Leads"), status="failed", error="<script>alert(1)</script>", error_code="x")

    page = text_of(viewer.get(f"{LIST}?show=errors"))

    assert "&lt;script&gt;alert(1)" in page
    assert "-replay" not in page
    assert "No failed runs" in text_of(viewer.get(f"{LIST}?show=errors&status=success"))


@pytest.mark.parametrize("show", ["errors", "next"])
def test_the_other_lists_ask_equally_often_and_poll_nothing(viewer: Client, show: str) -> None:
    counts = []
    for size in (1, 40):
        for number in range(size):
            flow = make_workflow(f"Flow {size} {number}")
            make_run(flow, status="failed", error=f"Error {number}")
            trigger = flow.triggers.get(trigger_id="hook")
            Schedule.objects.create(trigger=trigger, next_at=timezone.now(), anchor=timezone.now())
        with CaptureQueriesContext(connection) as caught:
            page = text_of(viewer.get(f"{LIST}?show={show}"))
        counts.append(len(caught))
        assert "data-poll=" not in page
    assert counts[0] == counts[1] <= 10
