"""The list of workflows: filters, order, figures, refreshing, and how much it asks the database."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.models import Schedule
from tests.factories import (
    DEFINITION,
    make_connection,
    make_run,
    make_scope,
    make_user,
    make_version,
    make_workflow,
)
from tests.runs.views.pages import HTMX, client_of, menu_labels, text_of
from workflows.models import NoticeKind
from workflows.services import notices

ADDRESS = "/automations/workflows/"
ASKS = {"format": "signalbox/1", "triggers": [{"id": "by_hand", "kind": "manual"}]}


def names(response):
    return re.findall(r'<a id="name-\d+" [^>]*>([^<]*)</a>', text_of(response))


def ended_run(workflow, status="success", minutes=10, **changes):
    ended = timezone.now() - timedelta(minutes=minutes)
    return make_run(workflow, status=status, started_at=ended, ended_at=ended, **changes)


def queries(client, address, **options):
    with CaptureQueriesContext(connection, **options) as caught:
        response = client.get(address)
    assert response.status_code == 200
    return len(caught)


def full_workflow(number):
    """A row with everything that a row may ask about."""
    definition = {**ASKS, "steps": [{"id": "a", "kind": "http_request", "connection": "crm", "path": "/"}]}
    workflow = make_workflow(
        f"Full {number:02}", definition=definition, tags=["night"], owner=make_user("viewer")
    )
    workflow.draft = make_version(workflow, state="draft", definition=definition)
    workflow.save()
    ended_run(workflow)
    make_workflow(f"Draft {number:02}", status="draft", definition=definition)
    return workflow


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_list_asks_the_same_few_queries_for_any_number_of_rows(manager, rows):
    make_connection("crm", health="failing")
    for number in range(rows):
        full_workflow(number)
    assert queries(manager, ADDRESS) == 12
    assert queries(manager, f"{ADDRESS}?q=Full&tag=night&sort=-success") == 12


def test_list_of_an_inner_scope_asks_one_query_more(db):
    hub = make_scope("hub:sydney")
    make_workflow("Inside", scope=hub)
    make_workflow("Outside")
    client = client_of(make_user("operator", scope=hub))
    assert queries(client, ADDRESS) <= 12
    assert names(client.get(ADDRESS)) == ["Inside"]


def test_unchanged_poll_has_no_body_and_asks_little(manager):
    workflow = make_workflow("Leads")
    page = text_of(manager.get(ADDRESS))
    mark = re.search(r'data-mark="([^"]*)"', page).group(1)
    assert 'data-poll="10"' in page
    with CaptureQueriesContext(connection) as caught:
        response = manager.get(ADDRESS, {"since": mark}, headers=HTMX)
    assert (response.status_code, response.content) == (204, b"")
    assert len(caught) == 5
    ended_run(workflow)
    assert manager.get(ADDRESS, {"since": mark}, headers=HTMX).status_code == 200


@pytest.mark.parametrize(
    "query", ["page=2", "sort=-success", "status=active&q=Le", "page=2&per_page=1", "page=x"]
)
def test_poll_knows_the_page_it_belongs_to(manager, query):
    for number in range(52):
        make_workflow(f"Leads {number:02}")
    mark = re.search(r'data-mark="([^"]*)"', text_of(manager.get(f"{ADDRESS}?{query}"))).group(1)
    assert manager.get(f"{ADDRESS}?{query}&since={mark}", headers=HTMX).status_code == 204


def test_list_without_active_or_draining_rows_does_not_poll(manager):
    make_workflow(status="paused")
    make_workflow(status="draft")
    assert "data-poll" not in text_of(manager.get(ADDRESS))
    make_workflow(status="paused", is_draining=True)
    assert 'data-poll="10"' in text_of(manager.get(ADDRESS))


def test_archived_are_left_out_unless_asked_for(manager):
    make_workflow("Kept")
    make_workflow("Shelved", status="archived")
    page = manager.get(ADDRESS)
    assert names(page) == ["Kept"]
    assert "+ 1 archived" in text_of(page)
    assert names(manager.get(f"{ADDRESS}?status=archived")) == ["Shelved"]
    assert names(manager.get(f"{ADDRESS}?status=active,archived")) == ["Kept", "Shelved"]


def test_filter_sentence_names_the_ticked_statuses(manager):
    make_workflow()
    sentence = r'id="choice-status-sentence"[^>]*>([^<]*<b>[^<]*</b>)'
    default = re.search(sentence, text_of(manager.get(ADDRESS))).group(1)
    two = re.search(sentence, text_of(manager.get(f"{ADDRESS}?status=active,paused"))).group(1)
    assert default == "Status is <b>Active, Paused, Draft, Not Running</b>"
    assert two == "Status is <b>Active, Paused</b>"


def test_boxes_count_what_the_other_filters_leave(manager):
    make_workflow("Leads in", status="paused")
    make_workflow("Leads out", status="draft")
    make_workflow("Other", status="paused")
    page = text_of(manager.get(f"{ADDRESS}?q=leads&status=draft"))
    counts = dict(re.findall(r'id="choice-status-(\w+)-count">(\d+)<', page))
    assert counts == {"active": "0", "paused": "1", "draft": "1", "not_running": "0", "archived": "0"}
    assert '<p class="count" id="results-count">1 found</p>' in page
    totals = re.findall(r'id="count-(\w+)".*?<b>(\d+)</b>', page, re.DOTALL)
    assert dict(totals) == {"paused": "2", "draft": "1"}


def test_shortcuts_keep_the_other_filters(manager):
    make_workflow()
    page = text_of(manager.get(f"{ADDRESS}?status=paused&q=Work&page=1"))
    links = dict(
        re.findall(r'id="choice-status-shortcut-\d" class="[^"]*" href="([^"]*)"[^>]*>([^<]*)<', page)
    )
    assert links == {
        f"{ADDRESS}?q=Work": "All statuses",
        f"{ADDRESS}?status=active&amp;q=Work": "Active only",
    }


def test_chips_remove_one_filter_each(manager):
    hub = make_scope("hub:sydney")
    make_workflow("Leads", scope=hub, tags=["night"])
    page = text_of(manager.get(f"{ADDRESS}?scope=hub:sydney&tag=night"))
    chips = re.findall(r'name="without" value="([^"]*)" [^>]*aria-label="([^"]*)"', page)
    assert chips == [("scope", "Remove filter Scope"), ("tag", "Remove filter Tag")]
    without = [manager.get(f"{ADDRESS}?scope=hub:sydney&tag=night&without={name}") for name, _label in chips]
    assert [response.headers["Location"] for response in without] == [
        f"{ADDRESS}?tag=night",
        f"{ADDRESS}?scope=hub:sydney",
    ]


def test_filters_by_scope_owner_tag_and_words(manager):
    hub = make_scope("hub:sydney")
    card = make_scope("card:spring", parent=hub)
    make_workflow("In hub", scope=hub, owner=make_user("viewer", username="olaf"))
    make_workflow("In card", scope=card, tags=["night"], description="Moves stock")
    make_workflow("Elsewhere")
    assert names(manager.get(f"{ADDRESS}?scope=hub:sydney")) == ["In card", "In hub"]
    assert names(manager.get(f"{ADDRESS}?owner=olaf")) == ["In hub"]
    assert names(manager.get(f"{ADDRESS}?tag=night")) == ["In card"]
    assert names(manager.get(f"{ADDRESS}?q=STOCK")) == ["In card"]


def test_unknown_parameters_and_values_are_ignored_and_said(manager):
    make_workflow("Leads")
    page = manager.get(f"{ADDRESS}?colour=red&status=lost&scope=hub:nowhere&sort=owner")
    assert names(page) == ["Leads"]
    assert "filters were not understood" in text_of(page)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["Alpha", "Beta", "Gamma"]),
        ("-name", ["Gamma", "Beta", "Alpha"]),
        ("status", ["Beta", "Gamma", "Alpha"]),
        ("-last_run", ["Gamma", "Beta", "Alpha"]),
        ("-success", ["Beta", "Gamma", "Alpha"]),
        ("-runs", ["Gamma", "Beta", "Alpha"]),
        ("next_run", ["Beta", "Alpha", "Gamma"]),
    ],
)
def test_sorting(manager, sort, expected):
    now = timezone.now()
    make_workflow("Alpha", status="draft")
    beta = make_workflow("Beta", last_run_at=now - timedelta(hours=2))
    gamma = make_workflow("Gamma", status="paused", last_run_at=now)
    ended_run(beta)
    ended_run(gamma)
    ended_run(gamma, "failed")
    Schedule.objects.create(trigger=beta.triggers.first(), next_at=now, anchor=now)
    assert names(manager.get(f"{ADDRESS}?sort={sort}")) == expected


def test_row_shows_its_figures(manager):
    workflow = make_workflow("Leads")
    for _ in range(19):
        ended_run(workflow)
    ended_run(workflow, "failed")
    ended_run(workflow, minutes=60 * 25)
    ended_run(workflow, "failed", is_test=True)
    make_run(workflow, status="skipped", reason="paused")
    make_run(workflow, status="held", version=None)
    page = text_of(manager.get(ADDRESS))
    assert "20 ok, 1 failed" in page
    assert re.search(r'95.0 % <span class="sub">n 20</span>', page)
    assert "Held 1" in page


def test_strip_shows_the_newest_last_and_only_what_started(manager):
    workflow = make_workflow("Leads")
    for _ in range(31):
        ended_run(workflow)
    ended_run(workflow, "failed")
    make_run(workflow, status="running", started_at=timezone.now())
    make_run(workflow)
    page = text_of(manager.get(ADDRESS))
    assert "28 ok, 1 failed, 1 open" in page
    assert '<path class="open" d="M116 ' in page
    assert '<path class="failed" d="M112 ' in page


def test_reason_lines_say_why(manager):
    make_workflow("Resting", status="paused", reason="CRM outage")
    make_workflow("Halted", status="not_running", reason="no longer needed")
    make_workflow("Broken", status="not_running", cause="dependency", reason="connection crm unavailable")
    make_workflow("Begun", status="draft", definition={"format": "signalbox/1", "triggers": [], "steps": []})
    page = text_of(manager.get(ADDRESS))
    assert "by maker · CRM outage" in page
    assert "stopped by maker: no longer needed" in page
    assert "stopped by the system: connection crm unavailable" in page
    assert "2 things to complete" in page


def test_small_tags(manager):
    crm = [{"id": "a", "kind": "http_request", "connection": "crm", "path": "/"}]
    make_connection("crm", health="failing")
    make_workflow("Weak", definition={**ASKS, "steps": crm})
    late = timezone.now() - timedelta(hours=1)
    draining = make_workflow("Draining", status="paused", is_draining=True, resume_expected_at=late)
    make_run(draining, status="running", started_at=late)
    draining.draft = make_version(draining, state="draft")
    draining.save()
    page = text_of(manager.get(ADDRESS))
    tags = re.findall(r'class="tag \w+">(?:<svg.*?</svg>)?([^<]*)<', page)
    assert tags == ["Unpublished changes", "Pausing, 1 left", "Overdue", "Degraded"]


def test_banner_names_those_above_the_failure_rule(manager):
    failing, fine = make_workflow("Failing"), make_workflow("Fine")
    started_long_ago(failing, fine)
    for _ in range(17):
        ended_run(failing)
    for _ in range(3):
        ended_run(failing, "failed")
    for _ in range(18):
        ended_run(fine)
    for _ in range(2):
        ended_run(fine, "failed")
    page = manager.get(ADDRESS)
    assert "1 workflow fails above the rule" in text_of(page)
    assert "3 of 20 failed in the last hour" in text_of(page)
    assert f"{ADDRESS}{failing.pk}/pause/" in text_of(page)
    assert names(manager.get(f"{ADDRESS}?failing=1")) == ["Failing"]


def started_long_ago(*workflows):
    for workflow in workflows:
        workflow.last_run_at = timezone.now()
        workflow.activated_at = timezone.now() - timedelta(days=1)
        workflow.published.published_at = workflow.activated_at
        workflow.published.save()
        workflow.save()


def test_failures_before_the_last_resume_trip_no_rule(manager):
    workflow = make_workflow("Mended", last_run_at=timezone.now())
    for _ in range(20):
        ended_run(workflow, "failed")
    assert "above the rule</a>" not in text_of(manager.get(ADDRESS))
    started_long_ago(workflow)
    assert "above the rule</a>" in text_of(manager.get(ADDRESS))


def test_rows_have_their_menu_and_readers_have_none(manager, viewer):
    make_workflow("Leads")
    assert menu_labels(manager.get(ADDRESS), "Leads") == [
        "Pause", "Stop", "Edit", "Test", "Trigger one run…", "Clone", "Rename", "Archive",
    ]  # fmt: skip
    page = text_of(viewer.get(ADDRESS))
    assert "Actions for" not in page
    assert "Create workflow" not in page
    assert ">Import<" not in page


def test_first_use_explains_and_nothing_matches_offers_to_clear(manager, viewer):
    assert "No workflows yet" in text_of(manager.get(ADDRESS))
    assert 'href="/automations/workflows/new/"' in text_of(manager.get(ADDRESS))
    assert 'href="/automations/workflows/new/"' not in text_of(viewer.get(ADDRESS))
    make_workflow("Leads")
    page = text_of(manager.get(f"{ADDRESS}?q=nothing"))
    assert "Nothing matches" in page
    assert "Clear filters" in page


def test_fragment_brings_the_head_and_names_its_address(manager):
    make_workflow("Leads")
    response = manager.get(
        f"{ADDRESS}?q=Leads&status=active", headers={**HTMX, "HX-Current-URL": f"http://testserver{ADDRESS}"}
    )
    page = text_of(response)
    assert page.strip().startswith('<div id="results"')
    assert '<div id="workflow-head" hx-swap-oob="true">' in page
    assert response.headers["HX-Push-Url"] == f"{ADDRESS}?status=active&q=Leads"
    assert "HX-Request" in response.headers["Vary"]


def test_hostile_names_are_text(manager):
    make_workflow("<script>alert(1)</script>", tags=["<img src=x>"], status="paused", reason="</span><b>x")
    page = text_of(manager.get(ADDRESS))
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_strangers_are_sent_to_sign_in(client, db):
    response = client.get(ADDRESS)
    assert (response.status_code, response.url) == (302, f"/login/?next={ADDRESS}")


def test_quick_look_stands_in_the_address(manager):
    workflow = make_workflow("Leads")
    page = text_of(manager.get(f"{ADDRESS}?overview={workflow.pk}"))
    look = f"{ADDRESS}{workflow.pk}/overview/"
    assert f'aria-labelledby="dialog-title" hx-get="{look}" hx-trigger="load"' in page
    assert f'<a href="{look}">Open the quick look</a>' in page
    assert "not understood" not in page
    assert 'hx-trigger="load"' not in text_of(manager.get(f"{ADDRESS}?overview=x"))


def test_a_warning_of_the_own_rule_stands_in_the_banner_with_few_runs(manager) -> None:
    warned = make_workflow("Warned")
    started_long_ago(warned)
    with transaction.atomic():
        notices.raise_(
            NoticeKind.FAILURE_RULE, "failure_rule:1", workflow=warned, title="It fails", text="Ten in a row."
        )
    page = manager.get(ADDRESS)
    assert "1 workflow fails above the rule" in text_of(page)
    assert "above its own limit" in text_of(page)
    assert names(manager.get(f"{ADDRESS}?failing=1")) == ["Warned"]


def test_never_auto_pause_is_a_tag_where_the_definition_says_so(manager) -> None:
    make_workflow("Said", definition={**DEFINITION, "settings": {"failure_rule": {"action": "off"}}})
    make_workflow("Silent")
    assert text_of(manager.get(ADDRESS)).count("Never auto-pause") == 1
