"""The admin in Chromium under the content security policy: every page, no complaint."""

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import make_connection, make_user, make_workflow, workspace
from tests.workflows.browser_fixtures import visit_as as visit_as
from workflows.models import Connection, Membership, Role, Version, Workflow
from workflows.services.tokens import create_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def support():
    person = make_user(Role.MANAGER, username="support", is_staff=True, is_superuser=True)
    make_workflow("Lead qualification")
    make_connection()
    create_token("ci", "operator", scope=workspace())
    return person


def test_every_admin_page_keeps_the_policy(visit_as, support) -> None:
    with visit_as(support) as visit:
        visit.go("/admin/")
        for model in admin.site._registry:
            name = f"{model._meta.app_label}_{model._meta.model_name}"
            visit.go(reverse(f"admin:{name}_changelist"))
            expect(visit.page.locator("#changelist")).to_be_visible()
            one = model.objects.first()
            if one is not None:
                visit.go(reverse(f"admin:{name}_change", args=[one.pk]))
                expect(visit.page.locator("#content h1")).to_be_visible()


def test_history_pages_keep_the_policy(visit_as, support) -> None:
    with visit_as(support) as visit:
        for model in (Workflow, Version, Connection, Membership):
            name = f"workflows_{model._meta.model_name}"
            one = model.objects.first()
            visit.go(reverse(f"admin:{name}_history", args=[one.pk]))
            expect(visit.page.locator("#change-history")).to_be_visible()
            visit.go(reverse(f"admin:{name}_simple_history", args=[one.pk, one.history.first().pk]))


def test_adding_a_member_by_search_keeps_the_policy(visit_as, support) -> None:
    make_user(None, username="anna")
    with visit_as(support) as visit:
        page = visit.page
        visit.go(reverse("admin:workflows_membership_add"))
        for field, text in (("user", "anna"), ("scope", "Workspace")):
            page.locator(f".field-{field} .select2-selection").click()
            page.locator(".select2-search__field").fill(text)
            page.locator(".select2-results__option", has_text=text).first.click()
        page.locator("#id_role").select_option("viewer")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("was added successfully")
    assert Membership.objects.get(user__username="anna").role == "viewer"


def test_account_pages_keep_the_policy(visit_as, support) -> None:
    with visit_as(support) as visit:
        visit.go(reverse("admin:auth_user_add"))
        visit.go(reverse("admin:auth_user_change", args=[support.pk]))
        visit.go(f"/admin/auth/user/{support.pk}/password/")
        visit.go(reverse("admin:auth_user_history", args=[support.pk]))
