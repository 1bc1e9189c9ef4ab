"""The admin: memberships and accounts, through the services, and people who may not."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.factories import make_scope, make_user
from tests.workflows.admin_site import address
from tests.workflows.admin_site import material as material
from tests.workflows.admin_site import support as support
from tests.workflows.events import change_of, newest, words
from workflows.models import Connection, Membership, Role, Token

pytestmark = pytest.mark.django_db


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
