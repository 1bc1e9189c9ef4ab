"""Columns of the models that the hot statements write, so that the text of a statement follows the models."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from runs.models import Run, StepAttempt, TallyEntry

ATTEMPT_COLUMNS: tuple[str, ...] = tuple(
    field.column or "" for field in StepAttempt._meta.concrete_fields if not field.primary_key
)
ENTRY_COLUMNS: tuple[str, ...] = tuple(
    field.column or "" for field in TallyEntry._meta.concrete_fields if not field.primary_key
)


RECEIVER_COLUMNS = """
t.id, t.trigger_id, t.secret, t.previous_secret, t.previous_until, w.id, w.status, v.id, v.content_hash"""

RECEIVER_ROWS = """
FROM workflows_trigger t
JOIN workflows_workflow w ON w.id = t.workflow_id
JOIN workflows_version v ON v.id = w.published_id
WHERE t.address = %s AND t.kind = 'webhook' AND t.is_live AND w.deleted_at IS NULL
"""

# Whether a workflow stands as it was read, and lets every run start.
STANDS = (
    "w.id = %(workflow)s AND w.published_id = %(version)s AND w.status = 'active' AND w.launch = ''"
    " AND w.deleted_at IS NULL"
)


def literal(value: Any) -> str:
    """A default as SQL text: the columns of a run that just begins are the same for all."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def new_run(bound: Mapping[str, str]) -> tuple[str, str]:
    """The columns of a run and an expression for each: those given, for the others the model's default."""
    columns, values = [], []
    for field in Run._meta.concrete_fields:
        name = field.column or ""
        columns.append(f'"{name}"')
        values.append(bound[name] if name in bound else literal(_default(field)))
    return ", ".join(columns), ", ".join(values)


def _default(field: "models.Field[Any, Any]") -> Any:
    value = field.get_default()
    return value.value if isinstance(value, models.Choices) else value


def attempt_values(attempt: StepAttempt) -> list[Any]:
    """An attempt's columns in the order of ATTEMPT_COLUMNS."""
    known = attempt.__dict__
    return [known[name] for name in _ATTEMPT_NAMES]


_ATTEMPT_NAMES = tuple(field.attname for field in StepAttempt._meta.concrete_fields if not field.primary_key)
