"""Rows made in memory by the hundred."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.db import models
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=models.Model)


def made(model: type[Row], **values: Any) -> Row:
    """An unsaved row as the model's constructor gives it, several times faster: the engine makes five for each run.

    `values` go by the names of attributes (`run_id`, not `run`), and are not checked; the signals `pre_init` and
    `post_init` are not sent. What is not given has the model's default.
    """
    fixed, drawn = _defaults(model)
    row = model.__new__(model)
    row.__dict__.update(fixed)
    row.__dict__.update(values)
    for name, draw in drawn.items():
        if name not in values:
            row.__dict__[name] = draw()
    row._state = ModelState()
    return row


@lru_cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """Those that are the same for each row, and those that are drawn anew, by attribute."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    drawn = {
        name: field.default
        for name, field in fields.items()
        if field.has_default() and callable(field.default)
    }
    fixed = {name: field.get_default() for name, field in fields.items() if name not in drawn}
    return fixed, drawn
