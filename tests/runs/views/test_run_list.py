"""The list of runs: rows, filters, pages, and menus."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from runs.models import Run, RunStatus
from tests.factories import make_run, make_scope, make_user, make_workflow
from tests.runs.views.listed_runs import LIST, ids, shown
from tests.runs.views.pages import client_of, menu_labels, text_of

pytestmark = pytest.mark.django_db


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


def test_deleted_workflow_is_named_without_a_link(viewer: Client) -> None:
    workflow = make_workflow("Gone", deleted_at=timezone.now())
    make_run(workflow, status="success")

    page = text_of(viewer.get(LIST))

    assert "Gone" in page
    assert f'href="/automations/workflows/{workflow.pk}/"' not in page
