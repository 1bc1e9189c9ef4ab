"""What a report says: each number by hand, in the zone of the workspace, of the scope and what lies inside it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.models import ReportKind
from runs.monitoring.checking import rebuild
from runs.reports.document import Material, document_of
from runs.reports.periods import Period, last_over
from runs.reports.sheet import Sheet
from tests.factories import make_scope, workspace
from tests.runs.reports.material import HOUR, MONDAY, flow, full_week, ran, spans
from workflows.lifecycle import ValueRefused
from workflows.models import Scope

pytestmark = pytest.mark.django_db

WEEK = Period(ReportKind.WEEKLY, date(2026, 11, 16))
UTC_ZONE = ZoneInfo("UTC")


def report(scope: Scope | None = None, period: Period = WEEK, zone: ZoneInfo = UTC_ZONE) -> dict[str, Any]:
    material = Material(period, scope or workspace(), zone)
    return document_of(material, moment=MONDAY + timedelta(days=8), is_final=True)


@pytest.mark.parametrize(
    ("kind", "day", "name", "before", "after"),
    [
        ("weekly", date(2026, 11, 22), "2026-W47", "2026-W46", "2026-W48"),
        ("weekly", date(2027, 1, 2), "2026-W53", "2026-W52", "2027-W01"),
        ("weekly", date(2024, 12, 30), "2025-W01", "2024-W52", "2025-W02"),
        ("monthly", date(2026, 12, 31), "2026-12", "2026-11", "2027-01"),
        ("monthly", date(2024, 2, 29), "2024-02", "2024-01", "2024-03"),
    ],
)
def test_periods_have_names_and_neighbours(kind: str, day: date, name: str, before: str, after: str) -> None:
    period = Period.holding(ReportKind(kind), day)
    assert (period.name, period.before.name, period.after.name) == (name, before, after)
    assert Period.named(ReportKind(kind), name) == period


@pytest.mark.parametrize(
    ("kind", "name"),
    [("weekly", "2026-W54"), ("weekly", "2025-W53"), ("weekly", "2026-11"), ("monthly", "2026-13"),
     ("monthly", "2026-W47"), ("weekly", "9999-W01"), ("monthly", ""), ("weekly", "x" * 99)],
)  # fmt: skip
def test_names_that_mean_nothing_are_refused(kind: str, name: str) -> None:
    with pytest.raises(ValueRefused):
        Period.named(ReportKind(kind), name)


def test_a_week_of_the_zone_begins_at_its_midnight_and_may_have_an_hour_more() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    window = Period(ReportKind.WEEKLY, date(2026, 10, 19)).window(berlin)
    assert (window.start, window.end) == (
        datetime(2026, 10, 18, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    )
    assert len(window.starts) == 7


def test_the_last_period_is_the_one_that_is_over_there() -> None:
    moment = datetime(2026, 11, 22, 20, tzinfo=UTC)
    assert last_over(ReportKind.WEEKLY, moment, UTC_ZONE).name == "2026-W46"
    assert last_over(ReportKind.WEEKLY, moment, ZoneInfo("Australia/Sydney")).name == "2026-W47"
    assert last_over(ReportKind.MONTHLY, moment, UTC_ZONE).name == "2026-10"


def test_the_numbers_of_a_week() -> None:
    [workflow] = full_week()
    found = report()
    now = found["figures"]
    assert (now["runs"], now["success"], now["failed"], now["cancelled"], now["skipped"]) == (
        42,
        30,
        10,
        2,
        9,
    )
    assert now["ratio"] == 0.75
    assert abs(now["p95_ms"] - 2000) <= 64
    assert (found["before"]["period"], found["before"]["runs"]) == ("2026-W46", 20)
    assert found["change"]["runs"] == pytest.approx(1.1)
    assert found["change"]["ratio"] == pytest.approx(-0.25)
    assert [day["date"] for day in found["days"]] == [f"2026-11-{n}" for n in range(16, 23)]
    assert sum(day["success"] for day in found["days"]) == 30
    [worst] = found["worst_workflows"]
    assert (worst["workflow"], worst["name"], worst["failed"]) == (workflow.pk, "Lead qualification", 10)
    [step] = found["steps"]["most_failing"]
    assert (step["step"], step["attempts"], step["failed"], step["mean_ms"]) == ("mail", 40, 10, 1000)


def test_time_off_what_was_missed_and_versions() -> None:
    full_week()
    found = report()
    assert found["standing"]["paused_seconds"] == 7200
    [longest] = found["standing"]["longest_paused"]
    assert (longest["name"], longest["seconds"], longest["pauses"]) == ("Lead qualification", 7200, 1)
    assert found["missed"]["triggers"] == 5
    assert found["missed"]["reasons"] == {"paused": 3, "not running": 0, "expired": 2}
    assert found["missed"]["workflows"][0]["triggers"] == 5
    [version] = found["versions"]["newest"]
    assert (version["version"], version["author"], found["versions"]["count"]) == (2, "kim", 1)


def test_impact_is_counted_and_what_was_missed_is_estimated_from_the_average_run() -> None:
    full_week()
    impact = report()["impact"]
    assert (impact["minutes_saved"], impact["values"]) == (120.0, {"AUD": "375"})
    # Five triggers, each 3/4 of a success: 15 minutes and 46.88 AUD.
    assert impact["missed"] == {
        "is_estimate": True,
        "minutes": 15.0,
        "values": {"AUD": "46.88"},
        "not_estimated": 0,
    }


def test_what_never_ran_is_not_estimated() -> None:
    workflow = flow("Off")
    ran(workflow, 4, "skipped", reason="not running", version=None)
    rebuild()
    assert report()["impact"]["missed"]["not_estimated"] == 4


def test_a_scope_is_reported_with_what_lies_inside_it_and_nothing_else() -> None:
    hub, other = make_scope("hub:sydney"), make_scope("hub:perth")
    card = make_scope("card:spring", parent=hub)
    for number, scope in enumerate((workspace(), hub, other, card), 1):
        ran(flow(f"Flow {number}", scope=scope), number)
    rebuild()
    assert [report(scope)["figures"]["runs"] for scope in (workspace(), hub, other, card)] == [10, 6, 3, 4]


def test_days_are_those_of_the_zone() -> None:
    ran(flow("Late"), 1, first=MONDAY + timedelta(hours=23, minutes=30))
    rebuild()
    assert report()["days"][0]["success"] == 1


def test_a_pause_that_lasts_counts_until_the_report_is_made_and_only_inside_its_period() -> None:
    workflow = flow("Paused")
    spans(workflow, ("paused", MONDAY - timedelta(days=1), None))
    ran(workflow, 1)
    rebuild()
    assert report()["standing"]["paused_seconds"] == 7 * 86_400


def test_an_empty_period_says_so_and_divides_by_nothing() -> None:
    found = report()
    assert (found["figures"]["ratio"], found["figures"]["p95_ms"]) == (None, None)
    assert found["change"] == {"runs": None, "ratio": None, "p95": None}
    sheet = Sheet.of(found)
    assert sheet.sentence == "Nothing ran."
    assert [card.value for card in sheet.cards] == ["0", "—", "—", "0"]


def test_few_runs_show_their_number_instead_of_a_share() -> None:
    workflow = flow("Few")
    ran(workflow, 3)
    ran(workflow, 1, "failed", first=MONDAY + 9 * HOUR)
    rebuild()
    assert Sheet.of(report()).cards[1].value == "3 of 4"


def test_queries_do_not_grow_with_workflows_or_runs() -> None:
    counts = set()
    for number in (1, 4):
        full_week(flows=number, name=f"Flow {number}")
        with CaptureQueriesContext(connection) as caught:
            report()
        counts.add(len(caught))
    assert len(counts) == 1
