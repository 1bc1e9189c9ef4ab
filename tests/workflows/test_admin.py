"""The admin: everything found, nothing that passes the services by."""

import pytest
from django.contrib import admin
from django.test import Client

from tests.factories import make_connection, make_scope, make_user, make_workflow
from tests.workflows.admin_site import CANARY, address
from tests.workflows.admin_site import material as material
from tests.workflows.admin_site import support as support
from tests.workflows.events import newest
from workflows.models import (
    Connection,
    Membership,
    Notice,
    NoticeDelivery,
    NoticeRecipient,
    Receipt,
    Role,
    Scope,
    Token,
    Trigger,
    Version,
    Workflow,
)
from workflows.services.tokens import create_token

pytestmark = pytest.mark.django_db

NOTICES = [Notice, NoticeDelivery, NoticeRecipient]
MODELS = [Workflow, Version, Trigger, Connection, Scope, Membership, Token, Receipt, *NOTICES]
READ_ONLY = [Workflow, Version, Trigger, Connection, Scope, Token, Receipt, *NOTICES]
WITH_HISTORY = [Workflow, Version, Connection, Membership]


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_listed_searched_and_shown(support: Client, material, model: type) -> None:
    one = model.objects.first()
    found = support.get(address(model, "changelist"), {"q": "1"})
    shown = support.get(address(model, "change", one.pk))

    assert (found.status_code, shown.status_code) == (200, 200)
    assert admin.site._registry[model].search_fields
    for hidden in (CANARY, Connection.objects.get().secret, Token.objects.get().digest):
        assert hidden not in shown.content.decode() + found.content.decode()


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_has_services_cannot_be_touched(support: Client, material, model: type) -> None:
    one = model.objects.first()
    before = list(model.objects.values())

    answers = [
        support.get(address(model, "add")),
        support.post(address(model, "add"), {}),
        support.post(address(model, "change", one.pk), {"name": "evil", "status": "active"}),
        support.post(address(model, "delete", one.pk), {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert list(model.objects.values()) == before
    assert 'name="_save"' not in support.get(address(model, "change", one.pk)).content.decode()


@pytest.mark.parametrize("model", WITH_HISTORY)
def test_history_is_shown_and_cannot_be_gone_back_to(support: Client, material, model: type) -> None:
    one = model.objects.first()
    row = one.history.first()
    listed = support.get(address(model, "history", one.pk))
    shown = support.get(address(model, "simple_history", one.pk, row.pk))
    body = listed.content.decode() + shown.content.decode()

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert "style=" not in body
    assert 'value="Revert"' not in body
    before = list(model.objects.values()), model.history.count()
    support.post(address(model, "simple_history", one.pk, row.pk), {"name": "evil", "role": "viewer"})
    assert (list(model.objects.values()), model.history.count()) == before


@pytest.mark.parametrize("model", MODELS)
def test_lists_need_the_same_queries_for_more_rows(
    support: Client, material, model: type, django_assert_max_num_queries
) -> None:
    for number in range(5):
        make_workflow(f"More {number}", scope=make_scope())
        make_connection(f"more{number}", scope=make_scope())
        create_token(f"more{number}", "viewer", scope=make_scope())
        make_user(Role.VIEWER)
        Receipt.objects.create(key=f"more{number}", actor="a", verb="v", answer="{}")

    with django_assert_max_num_queries(9):
        support.get(address(model, "changelist"))


def test_deleted_workflows_are_found_by_filter(support: Client) -> None:
    make_workflow("Standing")
    make_workflow("Gone", deleted_at="2026-01-01T00:00Z")

    body = support.get(address(Workflow, "changelist"), {"deleted_at__isempty": "0"}).content.decode()

    assert ("Gone" in body, ">Standing<" in body) == (True, False)


def test_revoking_tokens_goes_through_the_service(support: Client, material) -> None:
    token = Token.objects.get()

    support.post(address(Token, "changelist"), {"action": "revoke_selected", "_selected_action": [token.pk]})

    assert Token.objects.get().revoked_at is not None
    assert (newest().event, newest().origin) == ("Token revoked", "admin")


def test_staff_without_permission_see_nothing(material) -> None:
    client = Client()
    client.force_login(make_user(Role.MANAGER, is_staff=True))

    assert [client.get(address(model, "changelist")).status_code for model in MODELS] == [403] * len(MODELS)
