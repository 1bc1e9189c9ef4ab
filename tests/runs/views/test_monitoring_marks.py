"""Monitoring: figures that equal the runs behind them, and nobody sees beyond their scopes."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from runs.services import removing
from runs.views.monitoring.panels import PANELS
from tests.factories import make_run, make_scope, make_user, make_version, make_workflow
from tests.runs.views.monitored import PAGE, counted, ended, history, marks
from tests.runs.views.pages import HTMX, client_of, text_of

pytestmark = pytest.mark.django_db


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
