"""Units: transactions of several threads that SQLite commits as one, each with its own result or its own error."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection, transaction

from runs.statements import units
from runs.statements.units import unit
from tests.factories import make_workflow
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

only_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has many writers")


def named(workflow: Workflow, text: str, *, fails: bool = False) -> Callable[[], str]:
    def work() -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE workflows_workflow SET description = %s WHERE id = %s", [text, workflow.pk]
            )
        if fails:
            raise ValueError(text)
        return text

    return work


def description(workflow: Workflow) -> str:
    return Workflow.objects.values_list("description", flat=True).get(pk=workflow.pk)


def test_what_it_gives_is_committed_and_what_fails_is_taken_back() -> None:
    workflow = make_workflow(description="before")
    with pytest.raises(ValueError, match="no"):
        unit(named(workflow, "no", fails=True))
    assert description(workflow) == "before"
    assert unit(named(workflow, "after")) == "after"
    assert description(workflow) == "after"


def test_inside_a_transaction_it_is_a_part_of_it() -> None:
    workflow = make_workflow(description="before")
    with pytest.raises(ValueError, match="all"), transaction.atomic():
        unit(named(workflow, "within"))
        raise ValueError("all")
    assert description(workflow) == "before"


@only_sqlite
def test_those_that_wait_are_one_transaction_in_which_each_stands_or_falls_alone() -> None:
    first, good, bad = (make_workflow(name=name, description="before") for name in ("First", "Good", "Bad"))
    entered, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        entered.set()
        go_on.wait(10)
        return named(first, "first")()

    def brought(work: Callable[[], str]) -> Any:
        try:
            return unit(work)
        except ValueError as problem:
            return problem
        finally:
            connection.close()

    with (
        mock.patch.object(units._TOGETHER, "_write", side_effect=units._commit) as commits,
        ThreadPoolExecutor(3) as pool,
    ):
        leader = pool.submit(brought, slow)
        assert entered.wait(10)
        others = [
            pool.submit(brought, named(good, "good")),
            pool.submit(brought, named(bad, "bad", fails=True)),
        ]
        while len(units._TOGETHER._waiting) < len(others):
            threading.Event().wait(0.005)
        go_on.set()
        assert leader.result(10) == "first"
        told = [other.result(10) for other in others]

    assert told[0] == "good"
    assert isinstance(told[1], ValueError)
    assert [len(call.args[0]) for call in commits.call_args_list] == [1, 2]
    assert [description(one) for one in (first, good, bad)] == ["first", "good", "before"]


@only_sqlite
def test_commit_that_fails_is_told_to_each() -> None:
    workflow = make_workflow(description="before")
    with (
        mock.patch.object(connection, "_commit", side_effect=OperationalError("disk full")),
        pytest.raises(OperationalError, match="disk full"),
    ):
        unit(named(workflow, "after"))
    assert description(workflow) == "before"
