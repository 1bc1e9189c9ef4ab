"""Reports in Chromium: the print sheet is one or two A4 pages; pages and dialogs are fine in both themes and widths."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from runs.management.commands.report import html_of
from runs.models import Report, ReportKind
from runs.reports import freezing
from runs.reports.freezing import make
from runs.reports.periods import Period
from runs.services.subscribing import subscribe
from tests.browser.looks import expect_fine
from tests.factories import make_user, workspace
from tests.runs.reports.material import MONDAY, full_week
from tests.workflows.browser_fixtures import visit_as as visit_as
from workflows.models import Role

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PAGE = "/automations/reports/"
LONG = "Quarterly reconciliation of inbound orders"


@pytest.fixture
def report(transactional_db: Any, monkeypatch: pytest.MonkeyPatch) -> Report:
    """A report in which every table is full, with names as long as they may be."""
    monkeypatch.setattr(freezing, "stamp", lambda: MONDAY + timedelta(days=8))
    full_week(flows=8, name=LONG)
    subscribe("boss@example.test", ReportKind.WEEKLY, scope=workspace())
    return make(ReportKind.WEEKLY, Period.named(ReportKind.WEEKLY, "2026-W47"), workspace())[1]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where the PDF goes: the folder of the environment's SCREENSHOTS, for whoever wants to look at it."""
    return Path(os.environ.get("SCREENSHOTS") or tmp_path)


def pages_in(pdf: bytes) -> int:
    """How many pages a PDF has, by its page objects."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_the_page_prints_on_two_sheets_at_most(report: Report, visit_as: Any, kept: Path) -> None:
    with visit_as(make_user(Role.VIEWER)) as visit:
        visit.go(f"{PAGE}{report.pk}/")
        (kept / "report.pdf").write_bytes(pdf := visit.page.pdf(format="A4"))
    assert 1 <= pages_in(pdf) <= 2


def test_the_file_stands_alone_and_prints_on_two_sheets_at_most(
    report: Report, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(html_of(json.loads(report.document)), encoding="utf-8")
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    pdf = page.pdf(format="A4")
    is_styled = page.locator(".report-cards").evaluate("cards => getComputedStyle(cards).display") == "grid"
    page.close()
    assert is_styled
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert 1 <= pages_in(pdf) <= 2


def test_list_page_and_dialogs_are_fine(report: Report, visit_as: Any) -> None:
    with visit_as(make_user(Role.MANAGER)) as visit:
        addresses = {
            "list": PAGE,
            "one": f"{PAGE}{report.pk}/",
            "subscribe": f"{PAGE}subscriptions/new/",
            "nothing": f"{PAGE}?kind=monthly",
        }
        for name, address in addresses.items():
            visit.go(address)
            expect_fine(visit.page, f"reports-{name}")
        visit.go(PAGE)
        visit.page.get_by_role("link", name="Send regularly").click()
        expect(visit.page.get_by_role("dialog", name="Send a report regularly")).to_be_visible()
        expect_fine(visit.page, "reports-dialog")
