"""The list of workflows: what its rows say, and the banner above them."""

import re
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tests.factories import DEFINITION, make_connection, make_run, make_version, make_workflow
from tests.runs.views.listed_workflows import ADDRESS, ASKS, ended_run, names
from tests.runs.views.pages import menu_labels, text_of
from workflows.models import NoticeKind
from workflows.services import notices


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


def test_hostile_names_are_text(manager):
    make_workflow("<script>alert(1)</script>", tags=["<img src=x>"], status="paused", reason="</span><b>x")
    page = text_of(manager.get(ADDRESS))
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "&lt;script&gt;alert(1)" in page


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
