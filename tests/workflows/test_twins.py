"""The same thing made by several at the same moment: one makes it, the others find it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tests.factories import make_user, workspace
from tests.workflows.events import words
from workflows.lifecycle import ValueRefused
from workflows.models import Membership, Role
from workflows.services.connections import create_connection
from workflows.services.members import ensure_first_manager, remove_member, set_member
from workflows.services.scopes import create_scope
from workflows.services.tokens import create_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

THREADS = 6


def together(act: Callable[[int], Any]) -> list[Any]:
    """What each of several threads got, or the refusal it met."""
    barrier = Barrier(THREADS)

    def one(number: int) -> Any:
        try:
            barrier.wait(20)
            return act(number)
        except ValueRefused as refused:
            return refused.findings[0]["code"]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_scope_is_made_once() -> None:
    workspace()

    results = together(lambda _number: create_scope("hub:sydney")[0])

    assert sorted(results) == [False] * (THREADS - 1) + [True]
    assert words() == ["Scope created"]


def test_connection_is_made_once() -> None:
    scope = workspace()

    results = together(
        lambda _number: create_connection("crm", base_url="https://crm.example.com", scope=scope)[0]
    )

    assert sorted(results) == [False] * (THREADS - 1) + [True]
    assert words() == ["Connection created"]


def test_member_is_added_once() -> None:
    user, scope = make_user(None), workspace()

    results = together(lambda _number: set_member(user, "viewer", scope=scope)[0])

    assert sorted(results) == [False] * (THREADS - 1) + [True]
    assert words() == ["Member added"]


def test_token_name_is_given_once() -> None:
    scope = workspace()

    results = together(lambda _number: create_token("ci", "viewer", scope=scope))

    assert results.count("name_taken") == THREADS - 1
    assert words() == ["Token created"]


def test_first_manager_is_made_once() -> None:
    results = together(lambda number: ensure_first_manager("admin", f"password-{number}"))

    assert sorted(results) == [False] * (THREADS - 1) + [True]
    assert words() == ["Scope created", "Member added"]


def test_managers_who_remove_each_other_leave_one() -> None:
    scope = workspace()
    managers = [make_user(Role.MANAGER) for _number in range(THREADS)]

    results = together(lambda number: remove_member(managers[number], scope=scope))

    assert results.count("last_manager") == 1
    assert Membership.objects.filter(role=Role.MANAGER).count() == 1
