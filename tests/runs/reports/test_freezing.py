"""Reports are made once, in time, for each scope in which something ran; they never change, and are sent once."""

import json
from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEvent
from runs.models import Report, ReportKind, Run, TallyBook
from runs.monitoring.checking import rebuild
from runs.reports import freezing
from runs.reports.freezing import NotOver, make, make_due, so_far
from runs.reports.periods import Period
from runs.services.subscribing import subscribe, unsubscribe
from tests.factories import make_scope, make_user, workspace
from tests.runs.engine.crowd import at_once
from tests.runs.reports.material import MONDAY, flow, full_week, ran
from tests.workflows.events import words
from workflows.lifecycle import ValueRefused
from workflows.models import Notice, NoticeDelivery, NoticeKind
from workflows.notices import delivering

pytestmark = pytest.mark.django_db

WEEK = Period.named(ReportKind.WEEKLY, "2026-W47")
OVER = MONDAY + timedelta(days=7)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the time at which reports are made."""

    def put(moment: Any) -> None:
        monkeypatch.setattr(freezing, "stamp", lambda: moment)

    put(OVER + timedelta(hours=1))
    return put


def names() -> list[tuple[str, str]]:
    return sorted(Report.objects.values_list("period", "scope__ref"))


def test_a_report_is_kept_and_never_changes(clock: Any) -> None:
    full_week()
    changed, report = make(ReportKind.WEEKLY, WEEK, workspace())
    Run.objects.all().update(status="failed")
    again, same = make(ReportKind.WEEKLY, WEEK, workspace())
    assert (changed, again, report.pk, report.document) == (True, False, same.pk, same.document)
    assert json.loads(report.document)["figures"]["success"] == 30
    assert (report.zone, report.starts_at, report.ends_at) == ("UTC", MONDAY, OVER)
    assert words()[-1:] == ["Report made"]
    assert words().count("Report made") == 1


def test_a_period_that_goes_on_is_told_but_not_kept(clock: Any) -> None:
    clock(MONDAY + timedelta(days=2))
    ran(flow("Now"), 3)
    rebuild()
    with pytest.raises(NotOver):
        make(ReportKind.WEEKLY, WEEK, workspace())
    found = so_far(WEEK, workspace())
    assert (found["final"], found["figures"]["runs"]) == (False, 3)
    assert not Report.objects.exists()
    with pytest.raises(NotOver):
        so_far(WEEK.after, workspace())


def test_the_scheduler_makes_those_of_scopes_in_which_something_ran(clock: Any) -> None:
    hub = make_scope("hub:sydney")
    make_scope("hub:idle")
    ran(flow("Lead", scope=hub), 2)
    rebuild()
    clock(OVER + timedelta(minutes=14))
    assert make_due() == 0
    clock(OVER + timedelta(minutes=15))
    assert make_due() == 2
    assert make_due() == 0
    assert names() == [("2026-W47", "hub:sydney"), ("2026-W47", "workspace")]
    clock(MONDAY.replace(month=12, day=1) + timedelta(hours=1))
    make_due()
    assert ("2026-11", "workspace") in names()


def test_nothing_is_reported_before_the_figures_are_counted(clock: Any) -> None:
    ran(flow("Lead"), 2)
    rebuild()
    TallyBook.objects.update(counted_at=None)
    assert make_due() == 0
    rebuild()
    assert make_due() == 1


def test_a_round_makes_a_bounded_number(clock: Any) -> None:
    for number in range(3):
        ran(flow(f"Flow {number}", scope=make_scope()), 1)
    rebuild()
    assert [make_due(limit=2), make_due(limit=2), make_due(limit=2)] == [2, 2, 0]


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_several_schedulers_make_one(clock: Any) -> None:
    ran(flow("Lead"), 2)
    rebuild()
    subscribe("boss@example.test", ReportKind.WEEKLY, scope=workspace())
    results = at_once(*[lambda: make(ReportKind.WEEKLY, WEEK, workspace())[0]] * 4)
    assert sorted(results) == [False, False, False, True]
    assert Report.objects.count() == Notice.objects.count() == 1
    assert AuditEvent.objects.filter(event="Report made").count() == 1


def test_subscribers_get_it_once_by_mail(clock: Any, settings: Any, mailoutbox: Any) -> None:
    settings.BASE_URL = "https://ops.example.test"
    full_week()
    make_user(username="kim", email="kim@example.test")
    subscribe("boss@example.test", ReportKind.WEEKLY, scope=workspace())
    subscribe("kim", ReportKind.WEEKLY, scope=workspace())
    subscribe("other@example.test", ReportKind.MONTHLY, scope=workspace())
    report = make(ReportKind.WEEKLY, WEEK, workspace())[1]
    make(ReportKind.WEEKLY, WEEK, workspace())
    notice = Notice.objects.get(kind=NoticeKind.REPORT)
    assert notice.closed_at is not None
    delivering.deliver_due()
    assert sorted(message.to[0] for message in mailoutbox) == ["boss@example.test", "kim@example.test"]
    body = mailoutbox[0].body
    assert mailoutbox[0].subject == "[Signalbox] Weekly report: Week 47 of 2026, Workspace"
    assert "42 runs, of which 10 failed and 2 were cancelled." in body
    assert "Missed while it was off (estimate): 15 min 0 s of work saved, 46.88 AUD" in body
    assert "- Lead qualification: 10 of 42" in body
    assert f"https://ops.example.test/automations/reports/{report.pk}/" in body
    assert "is subscribed to this report" in body


def test_without_subscribers_nothing_is_sent(clock: Any) -> None:
    full_week()
    make(ReportKind.WEEKLY, WEEK, workspace())
    assert not NoticeDelivery.objects.exists()


def test_subscriptions_are_audited_and_repeated_without_effect() -> None:
    first = subscribe("boss@example.test", ReportKind.WEEKLY, scope=workspace())
    assert subscribe("BOSS@example.test", ReportKind.WEEKLY, scope=workspace())[0] is False
    with pytest.raises(ValueRefused):
        subscribe("nobody", ReportKind.WEEKLY, scope=workspace())
    unsubscribe(first[1].pk)
    assert words() == ["Subscription added", "Subscription removed"]
