"""The pages of reports, their files, and the command."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.models import Report, ReportKind, ReportSubscription
from runs.reports import freezing
from runs.reports.freezing import make
from runs.reports.periods import Period
from runs.services.subscribing import subscribe
from tests.factories import make_scope, make_user, workspace
from tests.runs.reports.material import MONDAY, flow, full_week, ran
from tests.runs.views.monitored import marks
from tests.runs.views.pages import HTMX, client_of, text_of
from tests.workflows.commands.terminal import manage
from workflows.models import Role, Scope

pytestmark = pytest.mark.django_db

PAGE = "/automations/reports/"
WEEK = Period.named(ReportKind.WEEKLY, "2026-W47")


@pytest.fixture(autouse=True)
def a_week_later(monkeypatch: pytest.MonkeyPatch) -> None:
    later = MONDAY + timedelta(days=8)
    monkeypatch.setattr(freezing, "stamp", lambda: later)
    monkeypatch.setattr("runs.management.commands.report.stamp", lambda: later)


def made(scope: Scope | None = None, **changes: Any) -> Report:
    full_week(scope, **changes)
    return make(ReportKind.WEEKLY, WEEK, scope or workspace())[1]


def test_an_empty_list_says_when_the_first_one_comes() -> None:
    page = text_of(client_of(make_user(Role.VIEWER)).get(PAGE))
    assert "No reports yet" in page
    assert "The next weekly one is made" in page
    assert "Nobody gets reports by mail or chat yet." in page
    assert 'id="subscribe"' not in page


def test_the_navigation_leads_to_reports() -> None:
    page = text_of(client_of(make_user(Role.VIEWER)).get(PAGE))
    assert f'href="{PAGE}"' in page


def test_the_list_shows_numbers_and_narrows() -> None:
    made()
    client = client_of(make_user(Role.VIEWER))
    page = text_of(client.get(PAGE))
    for words in (
        "Weekly report: Week 47 of 2026",
        "16 Nov 2026 to 22 Nov 2026",
        "75 %",
        "\N{MINUS SIGN}25.0 points",
    ):
        assert words in page
    assert "Nothing matches" in text_of(client.get(f"{PAGE}?kind=monthly"))
    assert "Week 47" in text_of(client.get(f"{PAGE}?kind=weekly&scope=workspace"))
    assert "filters were not understood" in text_of(client.get(f"{PAGE}?kind=daily&colour=red"))


def test_one_report_says_everything_with_its_definitions() -> None:
    report = made()
    page = text_of(client_of(make_user(Role.VIEWER)).get(f"{PAGE}{report.pk}/"))
    for words in (
        "Week 47 of 2026", "42 runs, of which 10 failed and 2 were cancelled.", "Most failures", "Lead qualification",
        "Steps that failed most", "Slowest steps", "Missed opportunities", "held until their time ran out 2",
        "Business impact", "375 AUD", "Missed, an estimate", "46.88 AUD", "Versions published", "kim", "UTC", "made 24 Nov 2026",
        "Triggers that were skipped because a workflow was paused or not running",
    ):  # fmt: skip
        assert words in page


def test_every_mark_of_the_chart_leads_to_the_runs_it_counts() -> None:
    hub = make_scope("hub:sydney")
    report = made(hub)
    client = client_of(make_user(Role.VIEWER))
    walked = dict(marks(text_of(client.get(f"{PAGE}{report.pk}/"))))
    assert sum(walked.values()) == 40
    for href, count in walked.items():
        assert f'id="results-count">{count} found' in text_of(client.get(href))


def test_foreign_scopes_are_not_there() -> None:
    sydney, perth = make_scope("hub:sydney"), make_scope("hub:perth")
    report = made(perth)
    row = subscribe("boss@example.test", ReportKind.WEEKLY, scope=perth)[1]
    client = client_of(make_user(Role.MANAGER, scope=sydney))
    page = text_of(client.get(PAGE))
    assert "Week 47" not in page
    assert "boss@example.test" not in page
    for address in (f"{report.pk}/", f"{report.pk}/report.csv", f"subscriptions/{row.pk}/stop/"):
        assert client.get(PAGE + address).status_code == 404
    local = client_of(make_user(Role.VIEWER, scope=perth))
    assert local.get(f"{PAGE}{report.pk}/").status_code == 200


def test_the_files() -> None:
    report = made(name="=SUM(1)")
    client = client_of(make_user(Role.VIEWER))
    answer = client.get(f"{PAGE}{report.pk}/report.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="weekly-2026-W47-workspace.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    found = {(row["section"], row["item"], row["measure"]): row["value"] for row in rows}
    assert found["figures", "", "runs"] == "42"
    assert found["missed", "", "expired"] == "2"
    assert found["impact", "", "AUD"] == "375"
    assert found["worst_workflows", "'=SUM(1)", "failed"] == "10"
    document = client.get(f"{PAGE}{report.pk}/report.json").json()
    assert document == json.loads(report.document)
    assert client.get(f"{PAGE}{report.pk}/report.xls").status_code == 404


def test_queries_of_the_list_do_not_grow() -> None:
    client, counts = client_of(make_user(Role.MANAGER)), set()
    for number in range(1, 4):
        scope = make_scope()
        ran(flow(f"Flow {number}", scope=scope), 1)
        make(ReportKind.WEEKLY, WEEK, scope)
        subscribe("boss@example.test", ReportKind.WEEKLY, scope=scope)
        with CaptureQueriesContext(connection) as caught:
            client.get(PAGE)
        counts.add(len(caught))
    assert len(counts) == 1


def test_a_manager_subscribes_and_stops_it_with_and_without_htmx() -> None:
    client = client_of(make_user(Role.MANAGER))
    address = f"{PAGE}subscriptions/new/"
    assert "Send a report regularly" in text_of(client.get(address))
    sent = {"recipient": "boss@example.test", "kind": "weekly", "scope": workspace().pk}
    assert client.post(address, {**sent, "recipient": "nobody"}).status_code == 422
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent, headers=HTMX).status_code == 204
    row = ReportSubscription.objects.get()
    stop = f"{PAGE}subscriptions/{row.pk}/stop/"
    assert "is sent to them no more" in text_of(client.get(stop))
    assert client.post(stop, headers=HTMX).status_code == 204
    assert client.post(stop).status_code == 404


def test_operators_do_not_subscribe_anybody() -> None:
    row = subscribe("boss@example.test", ReportKind.WEEKLY, scope=workspace())[1]
    client = client_of(make_user(Role.OPERATOR))
    assert client.get(f"{PAGE}subscriptions/new/").status_code == 403
    assert client.post(f"{PAGE}subscriptions/{row.pk}/stop/").status_code == 403
    assert "unsubscribe-" not in text_of(client.get(PAGE))


def test_the_command_makes_keeps_and_prints() -> None:
    full_week()
    told = manage("report", "weekly", as_json=False)
    assert told.out.startswith("Weekly report: Week 47 of 2026, Workspace\n")
    assert "42 runs, of which 10 failed" in told.out
    report = Report.objects.get()
    assert report.made_by.startswith("command: ")
    document = manage("report", "weekly", "--period", "2026-W47").document
    assert document == json.loads(report.document)
    plain = manage("report", "weekly", "--format", "json", as_json=False)
    assert plain.document == document
    assert manage("report", "weekly", "--format", "csv", as_json=False).out.startswith(
        "period,scope,section,"
    )
    html = manage("report", "weekly", "--format", "html", as_json=False).out
    assert html.startswith("<!DOCTYPE html>")
    assert 'href="data:text/css;base64,' in html
    assert "Lead qualification" in html
    assert Report.objects.count() == 1


def test_the_command_tells_a_period_that_goes_on_and_keeps_it_not() -> None:
    full_week()
    told = manage("report", "weekly", "--period", "2026-W48", as_json=False)
    assert (told.code, "It is not over" in told.out) == (0, True)
    assert manage("report", "monthly", "--period", "2026-11").document["final"] is False
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("argv", "code", "word"),
    [
        (["weekly", "--period", "2026-W60"], 1, "invalid_value"),
        (["weekly", "--period", "2027-W10"], 1, "not_over"),
        (["weekly", "--scope", "hub:none"], 1, "not_found"),
        (["weekly", "--format", "pdf"], 2, "usage"),
        (["yearly"], 2, "usage"),
    ],
)
def test_the_command_refuses(argv: list[str], code: int, word: str) -> None:
    told = manage("report", *argv)
    assert (told.code, told.error["code"]) == (code, word)
