"""Migrations can be applied while the release before goes on running (docs/deploy/README.md, "Upgrading")."""

from collections.abc import Iterator

import pytest
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

OWN_APPS = ("audit", "workflows", "runs")
TAKES_AWAY = (
    operations.RemoveField,
    operations.RenameField,
    operations.RenameModel,
    operations.DeleteModel,
    operations.AlterModelTable,
)
# What takes something away that no release in use reads or writes any more: name it here, and since when.
NO_LONGER_USED: frozenset[tuple[str, str]] = frozenset()


def later_migrations() -> list[Migration]:
    """All of our migrations but the first ones, which find no older release beside them."""
    loader = MigrationLoader(None)
    return [
        migration
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if app in OWN_APPS and not migration.initial and (app, name) not in NO_LONGER_USED
    ]


def breaks_the_release_before(migration: Migration) -> Iterator[str]:
    made = {
        operation.name_lower
        for operation in migration.operations
        if isinstance(operation, operations.CreateModel)
    }
    for operation in migration.operations:
        if isinstance(operation, TAKES_AWAY):
            yield f"{operation.describe()}: the release before still uses it; take it away one release later."
        is_added = isinstance(operation, operations.AddField) and operation.model_name_lower not in made
        if is_added and not can_be_left_out(operation.field):
            yield f"{operation.describe()}: give it null=True or db_default; the release before inserts rows without it."


def can_be_left_out(field: models.Field) -> bool:
    return field.null or field.many_to_many or field.db_default is not NOT_PROVIDED


@pytest.mark.parametrize("migration", later_migrations(), ids=str)
def test_migration_leaves_the_release_before_working(migration: Migration) -> None:
    assert list(breaks_the_release_before(migration)) == []


def test_what_breaks_the_release_before_is_seen() -> None:
    breaking = Migration("0002_breaking", "runs")
    breaking.operations = [
        operations.RemoveField("run", "reason"),
        operations.AddField("run", "cost", models.IntegerField(default=0)),
        operations.AddField("run", "price", models.IntegerField(default=0, db_default=0)),
        operations.AddField("run", "weight", models.IntegerField(null=True)),
    ]

    told = list(breaks_the_release_before(breaking))

    assert [sentence.partition(":")[0] for sentence in told] == [
        "Remove field reason from run",
        "Add field cost to run",
    ]
