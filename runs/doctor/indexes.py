"""Indexes and constraints of the database held against those of the models."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Field, Index, Model, UniqueConstraint
from django.utils.translation import gettext as _

OWN_APPS = ("audit", "workflows", "runs")
INVALID = """
    SELECT name.relname FROM pg_index
    JOIN pg_class name ON name.oid = pg_index.indexrelid
    WHERE NOT pg_index.indisvalid AND name.relnamespace = current_schema()::regnamespace
    ORDER BY 1
"""


@dataclass(frozen=True)
class Missing:
    """What a table lacks; `remedy` is the statement that makes it anew, where there is one."""

    table: str
    name: str
    remedy: str


def missing() -> list[Missing]:
    """Everything that a table of ours lacks; tables that do not exist are the migrations' business."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        models = [model for app in OWN_APPS for model in apps.get_app_config(app).get_models()]
        found: list[Missing] = []
        for model in models:
            if model._meta.managed and model._meta.db_table in tables:
                there = connection.introspection.get_constraints(cursor, model._meta.db_table)
                found += [*_named(model, there), *_of_fields(model, there)]
    return found


def invalid() -> list[str]:
    """Indexes of PostgreSQL whose concurrent building was broken off: they cost and serve nothing."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(INVALID)
        return [row[0] for row in cursor.fetchall()]


def _named(model: type[Model], there: dict[str, Any]) -> Iterator[Missing]:
    for part in (*model._meta.indexes, *model._meta.constraints):
        if part.name not in there:
            yield Missing(model._meta.db_table, part.name, _remedy(model, part))


def _of_fields(model: type[Model], there: dict[str, Any]) -> Iterator[Missing]:
    served = [part["columns"] for part in there.values() if part["index"] or part["unique"]]
    for field in model._meta.local_fields:
        is_asked = field.unique or getattr(field, "db_index", False)
        if is_asked and not field.primary_key and [field.column] not in served:
            yield Missing(model._meta.db_table, str(field.column), _remedy(model, _like(model, field)))


def _like(model: type[Model], field: "Field[Any, Any]") -> Index | UniqueConstraint:
    name = f"{model._meta.model_name}_{field.column}"[:30]
    if field.unique:
        return UniqueConstraint(fields=[field.name], name=name)
    return Index(fields=[field.name], name=name)


def _remedy(model: type[Model], part: Any) -> str:
    editor = connection.schema_editor(collect_sql=True)
    if isinstance(part, Index):
        return f"{part.create_sql(model, editor)};"
    if isinstance(part, UniqueConstraint) and connection.vendor == "postgresql":
        return f"{part.create_sql(model, editor)};"
    return _("Make it as its migration does, or restore a backup.")
