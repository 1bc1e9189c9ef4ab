"""Monitoring: figures that equal the runs behind them, panels that stand alone, and nobody sees beyond their scopes."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.services import removing
from runs.views.monitoring import remembered
from runs.views.monitoring.panels import OF_ALL, OF_ONE, PANELS, outcomes
from tests.factories import make_run, make_scope, make_user, make_version, make_workflow
from tests.runs.views.monitored import counted, ended, history, marks
from tests.runs.views.pages import HTMX, client_of, text_of
from workflows.models import Workflow

pytestmark = pytest.mark.django_db
PAGE = "/automations/monitoring/"
RANGES = ("1h", "6h", "24h", "7d", "30d", "90d", "1y")


def found(response: HttpResponse) -> int:
    """How many runs a list says it has."""
    return int(re.search(r'id="results-count">([\d,]+) found', text_of(response)).group(1).replace(",", ""))


def expect_true_marks(client: Client, page: str) -> int:
    """Each mark leads to a list of as many runs as it says; gives how many marks there were."""
    wrong, walked = [], set(marks(page))
    for href, said in sorted(walked):
        response = client.get(href)
        if found(response) != said or "not understood" in text_of(response):
            wrong.append((href, said, found(response)))
    assert wrong == []
    return len(walked)


@pytest.mark.parametrize("range_text", ["1h", "24h", "7d", "30d", "1y"])
def test_every_mark_leads_to_the_runs_it_counts(manager: Client, settings, range_text: str) -> None:
    settings.TIME_ZONE = "Australia/Sydney"
    hub = make_scope("hub:sydney")
    every = {"1h": timedelta(minutes=3), "24h": timedelta(minutes=67), "7d": timedelta(hours=9)}
    for workflow in (make_workflow("Leads"), make_workflow("Stock", scope=hub)):
        history(workflow, 24, every=every.get(range_text, timedelta(hours=39)))
    make_run(workflow, status="success", is_test=True, ended_at=timezone.now())
    make_run(workflow, status="held")
    counted()

    page = text_of(manager.get(f"{PAGE}?range={range_text}"))

    assert expect_true_marks(manager, page) > 20


def test_every_mark_of_a_scope_and_of_a_person_leads_to_its_runs() -> None:
    hub, other = make_scope("hub:sydney"), make_scope("hub:perth")
    card = make_scope("card:spring", parent=hub)
    for scope in (hub, other, card):
        history(make_workflow(scope=scope), 12)
    moved = make_workflow("Moved away", scope=hub)
    history(moved, 6)
    counted()
    everybody, local = client_of(make_user("viewer")), client_of(make_user("viewer", scope=hub))

    for place in (hub, other):
        moved.scope = place
        moved.save()
        cache.clear()  # on a busy machine what was ranked before the move would be remembered
        for client in (everybody, local):
            for query in ("", "?scope=hub:sydney", "?scope=card:spring"):
                assert expect_true_marks(client, text_of(client.get(PAGE + query))) > 10


def test_every_mark_side_by_side_leads_to_its_runs(manager: Client) -> None:
    flows = [make_workflow(f"Flow {number}") for number in range(3)]
    for number, workflow in enumerate(flows):
        history(workflow, 8 + number)
    counted()

    page = text_of(manager.get(f"{PAGE}?workflow={','.join(str(one.pk) for one in flows)}"))

    assert all(f"<h3>{one.name}</h3>" in page for one in flows)
    assert expect_true_marks(manager, page) > 30


def test_every_mark_of_the_metrics_tab_leads_to_its_runs(manager: Client) -> None:
    workflow = make_workflow("Leads")
    history(workflow, 20)
    second = make_version(workflow, number=2, state="superseded")
    ended(workflow, timezone.now() - timedelta(minutes=20), "failed", version=second)
    history(make_workflow("Other"), 5)
    counted()

    page = text_of(manager.get(f"/automations/workflows/{workflow.pk}/metrics/"))

    assert expect_true_marks(manager, page) > 20
    assert "Version 2" in page
    assert "Other" not in page


def test_what_lies_elsewhere_is_not_there() -> None:
    mine, other = make_scope("hub:mine"), make_scope("hub:other")
    own, secret = make_workflow("Own", scope=mine), make_workflow("Secret plan", scope=other)
    history(own, 6)
    history(secret, 12)
    counted()
    person = client_of(make_user("viewer", scope=mine))

    page = text_of(person.get(PAGE))
    addresses = (
        "?scope=hub:other",
        f"?workflow={secret.pk}",
        f"?workflow={own.pk},{secret.pk}",
        "?workflow=x",
    )

    assert "Secret plan" not in page
    assert '<dt>Succeeded</dt><dd><a id="outcomes-0-success"' in page
    assert [person.get(PAGE + query).status_code for query in addresses] == [404] * 4
    for key in PANELS:
        assert person.get(f"{PAGE}{key}/?workflow={secret.pk}").status_code == 404
        assert person.get(f"{PAGE}{key}.csv?workflow={secret.pk}").status_code == 404
    assert "There is no workflow" in text_of(person.get(f"{PAGE}?add=Secret+plan"))


def test_a_workflow_is_added_by_name_and_left_out_again(manager: Client) -> None:
    first, second = make_workflow("First"), make_workflow("Second")

    added = manager.get(f"{PAGE}?range=7d&workflow={first.pk}&add=Second")

    assert added.headers["Location"] == f"{PAGE}?range=7d&workflow={first.pk},{second.pk}"
    assert f'href="{PAGE}?range=7d&amp;workflow={second.pk}"' in text_of(
        manager.get(added.headers["Location"])
    )


@pytest.mark.parametrize("query", ["range=2h", "colour=red", "place=x", "workflow=1,2,3,4,5,6"])
def test_what_is_not_understood_is_said(manager: Client, query: str) -> None:
    flows = [make_workflow() for _ in range(6)]
    query = query.replace("1,2,3,4,5,6", ",".join(str(one.pk) for one in flows))

    assert "1 filter was not understood" in text_of(manager.get(f"{PAGE}?{query}"))


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


def test_a_mark_says_how_many_of_its_runs_were_removed(manager: Client, settings) -> None:
    settings.KEEP_SUCCESS_DAYS, settings.KEEP_OTHER_DAYS, settings.KEEP_RUNS = 2, 0, 0
    workflow = make_workflow("Leads")
    now = timezone.now()
    for days in (1, 3, 3, 3):
        ended(workflow, now - timedelta(days=days))
    ended(workflow, now - timedelta(days=3), "failed")
    counted()
    removing.remove()

    page = text_of(manager.get(f"{PAGE}outcomes/?range=30d", headers=HTMX))
    answered = {href: found(manager.get(href)) for href, said in marks(page) if said == 3}

    assert "4 runs ended" not in page
    assert "5 runs ended" in page
    assert re.findall(r"<title>3 succeeded, [^<]*details of 3 runs removed</title>", page) != []
    assert set(answered.values()) == {0}
