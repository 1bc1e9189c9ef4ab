"""An index is built beside writers where the database can, and as any other where it cannot."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import NotSupportedError, connection, transaction
from django.db.migrations.state import ProjectState
from django.db.models import Index
from django.test.utils import CaptureQueriesContext

from config.online import AddIndexOnline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]
NAME = "run_by_owner_for_a_test"


def names() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "runs_run"))


@pytest.fixture
def states() -> Iterator[tuple[AddIndexOnline, ProjectState, ProjectState]]:
    operation = AddIndexOnline("run", Index(fields=["owner"], name=NAME))
    before = ProjectState.from_apps(apps)
    after = before.clone()
    operation.state_forwards("runs", after)
    yield operation, before, after
    if NAME in names():
        with connection.schema_editor(atomic=False) as editor:
            operation.database_backwards("runs", editor, after, before)


def test_index_is_made_and_taken_away(states: tuple[AddIndexOnline, ProjectState, ProjectState]) -> None:
    operation, before, after = states

    with (
        CaptureQueriesContext(
            connection,
        ) as asked,
        connection.schema_editor(atomic=False) as editor,
    ):
        operation.database_forwards("runs", editor, before, after)

    assert NAME in names()
    is_online = any("INDEX CONCURRENTLY" in query["sql"] for query in asked)
    assert is_online is not settings.IS_EMBEDDED
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("runs", editor, after, before)
    assert NAME not in names()


@pytest.mark.skipif(settings.IS_EMBEDDED, reason="needs PostgreSQL")
def test_in_a_transaction_it_is_refused(states: tuple[AddIndexOnline, ProjectState, ProjectState]) -> None:
    operation, before, after = states

    with (
        pytest.raises(NotSupportedError),
        transaction.atomic(),
        connection.schema_editor(atomic=False) as editor,
    ):
        operation.database_forwards("runs", editor, before, after)
