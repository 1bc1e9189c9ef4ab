"""Members and their roles."""

import json

import pytest
from django.contrib.auth import get_user_model

from audit.context import Actor, acting
from tests.factories import make_scope, make_user, workspace
from tests.workflows.events import change_of, newest, words
from workflows import access
from workflows.lifecycle import ValueRefused
from workflows.models import Membership, Role
from workflows.queries import NotFound
from workflows.services.members import (
    admit,
    ensure_first_manager,
    find_person,
    has_manager,
    remove_member,
    set_member,
)

pytestmark = pytest.mark.django_db


def test_set_member_adds_then_changes_then_does_nothing() -> None:
    user, hub = make_user(None, username="anna"), make_scope("hub:sydney")

    results = [set_member(user, role, scope=hub)[0] for role in ("viewer", "editor", "editor")]

    assert results == [True, True, False]
    assert words() == ["Member added", "Member changed"]
    assert change_of(newest()) == (
        {"role": "viewer", "scope": "hub:sydney"},
        {"role": "editor", "scope": "hub:sydney"},
    )
    assert (newest().subject_kind, newest().subject_label, newest().scope_id) == ("member", "anna", hub.pk)


def test_set_member_links_the_history_row_and_names_the_actor() -> None:
    user = make_user(None)

    with acting(Actor("person", "7", "boss"), origin="page"):
        _changed, membership = set_member(user, "viewer", scope=workspace())

    assert json.loads(newest().history) == {"membership": membership.history.get().history_id}
    assert (newest().actor_label, newest().origin) == ("boss", "page")


def test_set_member_acts_at_once_for_the_object_at_hand() -> None:
    user, hub = make_user(None), make_scope()
    assert access.role_in(user, hub) is None

    set_member(user, "editor", scope=hub)

    assert access.role_in(user, hub) == Role.EDITOR


def test_remove_member_takes_exactly_one_role() -> None:
    hub = make_scope("hub:sydney")
    user = make_user(Role.VIEWER, username="anna")
    set_member(user, "editor", scope=hub)

    assert remove_member(user, scope=hub) is True
    assert remove_member(user, scope=hub) is False
    assert [m.role for m in Membership.objects.filter(user=user)] == ["viewer"]
    assert words() == ["Member added", "Member removed"]
    assert newest().subject_label == "anna"
    assert change_of(newest()) == (
        {"role": "editor", "scope": "hub:sydney"},
        {"role": None, "scope": "hub:sydney"},
    )
    removed = Membership.history.get(history_type="-")
    assert json.loads(newest().history) == {"membership": removed.history_id}


@pytest.mark.parametrize(
    "act",
    [
        lambda user: remove_member(user, scope=workspace()),
        lambda user: set_member(user, "viewer", scope=workspace()),
    ],
)
def test_last_manager_of_the_workspace_stays(act) -> None:
    boss = make_user(Role.MANAGER, username="boss")
    make_user(Role.MANAGER, scope=make_scope())
    make_user(Role.MANAGER, is_active=False)

    with pytest.raises(ValueRefused) as refused:
        act(boss)

    assert refused.value.findings[0]["code"] == "last_manager"
    assert Membership.objects.get(user=boss).role == Role.MANAGER
    assert words() == []


def test_manager_may_go_once_there_is_another() -> None:
    boss = make_user(Role.MANAGER)
    make_user(Role.MANAGER)

    assert remove_member(boss, scope=workspace()) is True


def test_last_manager_of_a_hub_may_go() -> None:
    hub = make_scope()
    user = make_user(Role.MANAGER, scope=hub)

    assert remove_member(user, scope=hub) is True


def test_unknown_role_and_person_are_refused() -> None:
    with pytest.raises(ValueRefused) as role:
        set_member(make_user(None), "emperor", scope=workspace())
    with pytest.raises(NotFound, match="nobody"):
        find_person("nobody")

    assert role.value.findings[0]["path"] == "role"


def test_admit_makes_account_and_role_or_neither() -> None:
    changed, member = admit("anna", "correct horse staple", "editor", scope=workspace())

    assert changed is True
    assert member.user.check_password("correct horse staple")
    with pytest.raises(ValueRefused):
        admit("berta", "correct horse staple", "emperor", scope=workspace())
    with pytest.raises(ValueRefused):
        admit("berta", "short", "viewer", scope=workspace())
    assert not get_user_model().objects.filter(username="berta").exists()


@pytest.mark.parametrize("name", ["", "a b", "x" * 151])
def test_admit_refuses_a_bad_account_name(name: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        admit(name, "correct horse staple", "viewer", scope=workspace())

    assert refused.value.findings[0]["path"] == "user"


def test_first_manager_is_made_once() -> None:
    assert ensure_first_manager("admin", "first-password") is True
    assert ensure_first_manager("admin", "second-password") is False

    admin = get_user_model().objects.get()
    assert admin.check_password("first-password")
    assert (admin.is_staff, admin.is_superuser) == (True, True)
    assert has_manager() is True
    assert words() == ["Scope created", "Member added"]


def test_first_manager_is_not_made_while_anybody_manages() -> None:
    make_user(Role.MANAGER, username="boss")

    assert ensure_first_manager("admin", "password-1") is False
    assert not get_user_model().objects.filter(username="admin").exists()


def test_first_manager_takes_an_account_that_exists_and_leaves_its_password() -> None:
    make_user(None, username="admin", password="its own password")

    assert ensure_first_manager("admin", "another password") is False

    admin = get_user_model().objects.get(username="admin")
    assert admin.check_password("its own password")
    assert access.role_in(admin, workspace()) == Role.MANAGER
