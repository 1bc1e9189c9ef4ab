"""Notifications in Chromium: both themes and widths, dialogs by keyboard, without script."""

from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.browser.looks import expect_fine
from tests.factories import DEFINITION, make_user, make_workflow, workspace
from tests.workflows.browser_fixtures import visit_as as visit_as
from workflows.models import NoticeKind, NoticeRecipient, Role
from workflows.notices import delivering
from workflows.services import notices, status
from workflows.services.recipients import add_recipient

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/settings/notifications/"


@pytest.fixture
def told(transactional_db: Any) -> None:
    """A notice that was sent, one that failed, one that waits for the digest."""
    add_recipient("ops@example.test", scope=workspace())
    add_recipient("boss@example.test", scope=workspace(), kinds=["paused"], in_digest=True)
    flow = make_workflow(definition={**DEFINITION, "settings": {"notify": ["nobody"]}})
    status.pause(flow.pk, reason="CRM outage")
    with transaction.atomic():
        notices.raise_(
            NoticeKind.FINDING, "finding:1", workflow=flow, title="Silence", text="It did not run."
        )
    delivering.deliver_due()


def test_pages_and_dialogs_are_fine(told: Any, visit_as: Any) -> None:
    with visit_as(make_user(Role.MANAGER)) as visit:
        visit.go(PAGE)
        expect_fine(visit.page, "notifications")
        visit.page.get_by_role("link", name="Add recipient").click()
        expect(visit.page.get_by_role("dialog", name="Add recipient")).to_be_visible()
        expect_fine(visit.page, "notifications-dialog")


def test_added_by_keyboard_and_sent_again(told: Any, visit_as: Any) -> None:
    with visit_as(make_user(Role.MANAGER)) as visit:
        page = visit.page
        visit.go(PAGE)
        page.get_by_role("link", name="Add recipient").focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Add recipient")
        expect(dialog.get_by_label("Recipient")).to_be_focused()
        page.keyboard.type("lead@example.test")
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        expect(page.get_by_role("status")).to_contain_text("lead@example.test will be told.")
        expect(page.get_by_role("table", name="Recipients of scopes")).to_contain_text("lead@example.test")
        page.get_by_role("button", name="Send again nobody").first.click()
        expect(page.get_by_role("status")).to_contain_text("There is no person")


def test_without_script(told: Any, visit_as: Any) -> None:
    with visit_as(make_user(Role.MANAGER), java_script_enabled=False) as visit:
        page = visit.page
        visit.go(PAGE)
        page.get_by_role("link", name="Add recipient").click()
        page.get_by_label("Recipient").fill("lead@example.test")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_role("table", name="Recipients of scopes")).to_contain_text("lead@example.test")
    assert NoticeRecipient.objects.filter(recipient="lead@example.test").exists()
