"""Monitoring: panels that stand alone, refresh by themselves, and ask little."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.views.monitoring import remembered
from runs.views.monitoring.panels import OF_ALL, OF_ONE, outcomes
from tests.factories import make_workflow
from tests.runs.views.monitored import PAGE, counted, ended, history
from tests.runs.views.pages import HTMX, text_of
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

RANGES = ("1h", "6h", "24h", "7d", "30d", "90d", "1y")


def test_a_panel_that_breaks_leaves_the_others_alone(manager: Client, monkeypatch, caplog) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError("nothing to divide")

    monkeypatch.setattr(outcomes.figures, "by_hour_of_week", broken)

    page = text_of(manager.get(PAGE))

    assert page.count("This panel could not be drawn") == 1
    assert 'id="panel-rhythm-retry"' in page
    assert all(f'id="panel-{panel.key}"' in page for panel in OF_ALL)
    assert "nothing to divide" not in page
    assert "panel rhythm could not be drawn" in caplog.text


@pytest.mark.parametrize("panel", OF_ALL, ids=lambda panel: panel.key)
def test_a_panel_has_an_address_of_its_own(manager: Client, panel) -> None:
    history(make_workflow("Leads"), 12)
    counted()

    fragment = text_of(manager.get(f"{PAGE}{panel.key}/", headers=HTMX))
    whole = text_of(manager.get(f"{PAGE}{panel.key}/"))

    assert re.match(rf'\s*<section id="panel-{panel.key}"', fragment)
    assert whole.count("<section id=") == 1
    assert "<h1" in whole


@pytest.mark.parametrize("key", ["outcomes", "comparison", "rhythm"])
def test_a_poll_without_news_gets_nothing_and_with_news_the_panel(manager: Client, key: str) -> None:
    workflow = make_workflow("Leads")
    history(workflow, 6)
    counted()
    fragment = text_of(manager.get(f"{PAGE}{key}/", headers=HTMX))
    mark = re.search(r'data-mark="([^"]+)"', fragment).group(1)
    ask = f"{PAGE}{key}/?since={mark}"

    with CaptureQueriesContext(connection) as queries:
        unchanged = manager.get(ask, headers=HTMX)
    ended(workflow, timezone.now() - timedelta(minutes=1))
    counted()

    assert (unchanged.status_code, unchanged.content) == (204, b"")
    assert len(queries) <= 5
    assert manager.get(ask, headers=HTMX).status_code == 200


def test_a_live_panel_that_shows_the_same_gets_nothing(manager: Client) -> None:
    fragment = text_of(manager.get(f"{PAGE}health/", headers=HTMX))
    mark = re.search(r'data-mark="([^"]+)"', fragment).group(1)

    assert manager.get(f"{PAGE}health/?since={mark}", headers=HTMX).status_code == 204


@pytest.mark.parametrize("range_text", RANGES)
def test_charts_stay_within_their_marks(manager: Client, range_text: str) -> None:
    history(make_workflow("Leads"), 40, every=timedelta(hours=31))
    counted()

    fragment = text_of(manager.get(f"{PAGE}outcomes/?range={range_text}", headers=HTMX))
    rows = re.search(r"<tbody>(.*)</tbody>", fragment, re.DOTALL).group(1).count("<tr>")

    assert 4 <= rows <= 100
    assert fragment.count('class="bar ') <= 200
    assert "unfinished" in fragment


def test_ratios_of_few_runs_say_how_many_there_were(manager: Client) -> None:
    workflow = make_workflow("Leads")
    now = timezone.now()
    for number in range(19):
        ended(workflow, now - timedelta(seconds=number), "failed" if number % 2 else "success")
    counted()
    few = text_of(manager.get(f"{PAGE}outcomes/", headers=HTMX))
    ended(workflow, now, "success")
    counted()

    assert "<dt>Success</dt><dd>n = 19</dd>" in few
    assert "<dt>Success</dt><dd>55 %</dd>" in text_of(manager.get(f"{PAGE}outcomes/", headers=HTMX))


def test_the_worst_comes_first_and_the_rest_on_further_pages(manager: Client) -> None:
    now = timezone.now()
    for number in range(12):
        workflow = make_workflow(f"Flow {number:02}")
        for each in range(20):
            ended(workflow, now - timedelta(seconds=each), "failed" if each < number else "success")
    counted()

    first = text_of(manager.get(f"{PAGE}comparison/", headers=HTMX))
    second = text_of(manager.get(f"{PAGE}comparison/?place=11", headers=HTMX))

    assert re.findall(r"Flow \d\d", first) == [f"Flow {number:02}" for number in range(11, 1, -1)]
    assert re.findall(r"Flow \d\d", second) == ["Flow 01", "Flow 00"]
    assert "1 to 10 of 12" in first


def test_csv_has_exact_figures_and_no_formula(manager: Client) -> None:
    workflow = make_workflow("=1+1")
    history(workflow, 12, every=timedelta(seconds=5))
    counted()

    answers = {key: manager.get(f"{PAGE}{key}.csv") for key in (panel.key for panel in OF_ALL)}
    lines = {key: list(csv.DictReader(io.StringIO(text_of(one)))) for key, one in answers.items()}

    assert all(one.headers["Content-Type"].startswith("text/csv") for one in answers.values())
    assert len(lines["outcomes"]) == 96
    assert sum(int(row["success"]) for row in lines["outcomes"]) == 6
    assert [row["workflow"] for row in lines["comparison"]] == ["'=1+1"]
    assert sum(int(row["runs"]) for row in lines["rhythm"]) == 10
    assert lines["skips"] == [{"reason": "overlap", "skipped": "2"}]


def test_queries_do_not_grow_with_workflows(manager: Client) -> None:
    counts = []
    for upto in (1, 50):
        for number in range(Workflow.objects.count(), upto):
            history(make_workflow(f"Flow {number}"), 4)
        counted()
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            manager.get(PAGE)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] <= 8 + 4 * len(OF_ALL)


def test_nothing_yet_says_so(manager: Client) -> None:
    page = text_of(manager.get(PAGE))

    assert "No run ended in this time." in page
    assert page.count("could not be drawn") == 0


def test_metrics_of_a_draft_are_empty_and_whole(manager: Client) -> None:
    draft = make_workflow(status="draft")

    page = text_of(manager.get(f"/automations/workflows/{draft.pk}/metrics/"))

    assert all(f'id="panel-{panel.key}"' in page for panel in OF_ONE)
    assert "could not be drawn" not in page


def test_the_overview_tells_the_last_day_in_small(manager: Client) -> None:
    workflow = make_workflow("Leads")
    empty = text_of(manager.get(f"/automations/workflows/{workflow.pk}/"))
    history(workflow, 24)
    counted()

    page = text_of(manager.get(f"/automations/workflows/{workflow.pk}/"))

    assert "Last 24 hours" not in empty
    assert "20 runs in 24 hours" in page
    assert "<dt>Failed</dt><dd>4</dd>" in page


def test_an_order_that_took_long_to_find_serves_a_minute_and_figures_stay_new(
    manager: Client, monkeypatch
) -> None:
    monkeypatch.setattr(remembered, "LONG", 0.0)
    now = timezone.now()
    bad, good = make_workflow("Bad"), make_workflow("Good")
    ended(bad, now, "failed")
    ended(good, now)
    counted()
    address = f"{PAGE}comparison/"
    first = text_of(manager.get(address, headers=HTMX))
    for _ in range(3):
        ended(good, now, "failed")
    counted()

    second = text_of(manager.get(address, headers=HTMX))
    cache.clear()
    third = text_of(manager.get(address, headers=HTMX))

    assert [re.findall(r">(Bad|Good)<", page) for page in (first, second, third)] == [
        ["Bad", "Good"], ["Bad", "Good"], ["Good", "Bad"],
    ]  # fmt: skip
    assert 'id="comparison-0-2-failed"' in second
