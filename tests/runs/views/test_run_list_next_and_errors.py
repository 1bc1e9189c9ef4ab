"""The other lists of runs: those that come next, and failed ones by their error."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.models import Schedule
from tests.factories import make_run, make_scope, make_workflow
from tests.runs.views.listed_runs import LIST, ids, shown
from tests.runs.views.pages import HTMX, text_of

pytestmark = pytest.mark.django_db


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
