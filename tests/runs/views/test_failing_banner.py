"""What a workflow's page says when it fails above a rule."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.engine.failures import Watch
from tests.factories import make_run, make_user
from tests.runs.engine.test_failures import back_date, fail, failing
from tests.runs.views.pages import client_of, text_of
from workflows.models import Role

pytestmark = pytest.mark.django_db


def page_of(workflow, role=Role.OPERATOR):
    return text_of(client_of(make_user(role)).get(f"/automations/workflows/{workflow.pk}/"))


def test_a_warning_names_what_failed_and_leads_to_just_these_runs() -> None:
    workflow = failing(action="warn")
    make_run(workflow, status="failed", due_at=None, ended_at=timezone.now() - timedelta(hours=2))
    Watch().look()
    client = client_of(make_user(Role.OPERATOR))
    page = text_of(client.get(f"/automations/workflows/{workflow.pk}/"))
    assert "fails above its failure rule. 3 runs in a row failed (limit 3)." in page
    assert (
        f'id="failing-pause" class="button small" href="/automations/workflows/{workflow.pk}/pause/"' in page
    )
    link = page.split('id="failing-runs" href="')[1].split('"')[0].replace("&amp;", "&")
    runs = text_of(client.get(link))
    assert "filter was not understood" not in runs
    assert 'id="results-count">3 found' in runs


def test_a_pause_by_the_rule_says_why_and_offers_no_pause() -> None:
    workflow = failing()
    Watch().look()
    page = page_of(workflow)
    assert "was paused by its failure rule. Failure rule: 3 runs in a row failed" in page
    assert "failing-pause" not in page


def test_the_warning_above_ten_percent_stands_on_the_page_too() -> None:
    workflow = failing(runs=0, action="off")
    back_date(workflow)
    fail(workflow, 3)
    for _ in range(17):
        fail(workflow, 1, status="success")
    workflow.last_run_at = timezone.now()
    workflow.save()
    assert "3 of 20 runs failed in the last hour, above the rule of 10 %." in page_of(workflow)
    assert "failing-pause" not in page_of(workflow, Role.VIEWER)


def test_nothing_is_said_where_all_is_well() -> None:
    assert 'id="failing"' not in page_of(failing(runs=0))
