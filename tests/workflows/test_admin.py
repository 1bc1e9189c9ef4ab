"""The admin: everything found, nothing that passes the services by."""

import json

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_connection, make_scope, make_user, make_workflow, workspace
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.events import change_of, newest, words
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
from workflows.services import status
from workflows.services.connection_values import Credentials
from workflows.services.connections import create_connection
from workflows.services.tokens import create_token

pytestmark = pytest.mark.django_db

CANARY = "canary-7f3a9"
NOTICES = [Notice, NoticeDelivery, NoticeRecipient]
MODELS = [Workflow, Version, Trigger, Connection, Scope, Membership, Token, Receipt, *NOTICES]
READ_ONLY = [Workflow, Version, Trigger, Connection, Scope, Token, Receipt, *NOTICES]
WITH_HISTORY = [Workflow, Version, Connection, Membership]


@pytest.fixture
def support() -> Client:
    client = Client()
    client.force_login(make_user(Role.MANAGER, username="support", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def material() -> None:
    make_workflow("Lead qualification")
    create_connection("crm", base_url="https://crm.example.com", scope=workspace(),
                      credentials=Credentials("bearer", secret=CANARY))  # fmt: skip
    create_token("ci", "operator", scope=workspace())
    Receipt.objects.create(key="k1", actor="person:1", verb="pause", answer="{}")
    moment = timezone.now()
    NoticeRecipient.objects.create(scope=workspace(), recipient="ops@example.com", created_at=moment)
    status.pause(Workflow.objects.get().pk, reason="CRM outage")


def address(model: type, word: str, *args: object) -> str:
    return reverse(f"admin:workflows_{model._meta.model_name}_{word}", args=args)


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


def test_membership_is_given_changed_and_taken_through_the_services(support: Client) -> None:
    anna, hub = make_user(None, username="anna"), make_scope("hub:sydney")

    support.post(address(Membership, "add"), {"user": anna.pk, "scope": hub.pk, "role": "viewer"})
    membership = Membership.objects.get(user=anna)
    support.post(address(Membership, "change", membership.pk), {"role": "editor"})
    assert Membership.objects.get(user=anna).role == "editor"
    support.post(address(Membership, "delete", membership.pk), {"post": "yes"})

    assert not Membership.objects.filter(user=anna).exists()
    assert words(kind="member") == ["Member added", "Member changed", "Member removed"]
    assert (newest().origin, newest().actor_label) == ("admin", "support")
    assert Membership.history.filter(user_id=anna.pk).count() == 3


def test_membership_of_the_last_manager_stays(support: Client) -> None:
    membership = Membership.objects.get(user__username="support")

    changed = support.post(address(Membership, "change", membership.pk), {"role": "viewer"})
    deleted = support.post(address(Membership, "delete", membership.pk), {"post": "yes"})

    assert "This is the last manager of the workspace." in changed.content.decode()
    assert deleted.status_code == 403
    assert Membership.objects.get().role == Role.MANAGER


def test_revoking_tokens_goes_through_the_service(support: Client, material) -> None:
    token = Token.objects.get()

    support.post(address(Token, "changelist"), {"action": "revoke_selected", "_selected_action": [token.pk]})

    assert Token.objects.get().revoked_at is not None
    assert (newest().event, newest().origin) == ("Token revoked", "admin")


def test_actions_ask_the_policy_too(material) -> None:
    client = Client()
    helper = make_user(Role.VIEWER, is_staff=True)
    helper.user_permissions.set(_permissions("view_token", "view_connection"))
    client.force_login(helper)

    for model, action in ((Token, "revoke_selected"), (Connection, "test_selected")):
        client.post(
            address(model, "changelist"), {"action": action, "_selected_action": [model.objects.get().pk]}
        )

    assert Token.objects.get().revoked_at is None
    assert Connection.objects.get().tested_at is None


def test_staff_without_permission_see_nothing(material) -> None:
    client = Client()
    client.force_login(make_user(Role.MANAGER, is_staff=True))

    assert [client.get(address(model, "changelist")).status_code for model in MODELS] == [403] * len(MODELS)


def test_who_is_no_staff_is_sent_away() -> None:
    client = Client()
    client.force_login(make_user(Role.MANAGER))

    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_accounts_are_made_and_changed_with_their_events(support: Client) -> None:
    made = support.post(
        reverse("admin:auth_user_add"),
        {
            "username": "anna",
            "usable_password": "true",
            "password1": "correct horse 1",
            "password2": "correct horse 1",
        },
    )
    anna = User.objects.get(username="anna")
    assert made.status_code == 302
    assert (newest().event, newest().subject_label) == ("Member added", "anna")

    form = {
        "username": "anna",
        "is_active": "on",
        "is_staff": "on",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00",
    }
    support.post(reverse("admin:auth_user_change", args=[anna.pk]), form)
    assert newest().event == "Member changed"
    assert change_of(newest()) == ({"staff": False}, {"staff": True})
    assert "correct horse" not in json.dumps(list(words()))


def test_account_of_the_last_manager_stays_active(support: Client) -> None:
    own = User.objects.get(username="support")
    form = {"username": "support", "is_staff": "on", "date_joined_0": "2026-01-01", "date_joined_1": "00:00"}

    answer = support.post(reverse("admin:auth_user_change", args=[own.pk]), form)

    assert "This is the last manager of the workspace." in answer.content.decode()
    assert User.objects.get().is_active is True


def test_accounts_are_never_deleted_and_changed_by_superusers_only(support: Client) -> None:
    anna = make_user(None, username="anna", is_staff=True)
    anna.user_permissions.set(_permissions("change_user", "add_user", "view_user"))
    assert support.post(reverse("admin:auth_user_delete", args=[anna.pk]), {"post": "yes"}).status_code == 403

    client = Client()
    client.force_login(anna)
    answer = client.post(reverse("admin:auth_user_change", args=[anna.pk]), {"is_superuser": "on"})

    assert answer.status_code == 403
    assert User.objects.get(username="anna").is_superuser is False


def _permissions(*codenames: str):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=codenames)
