"""How SQLite keeps values: as Django's backend writes and reads them, without its query compiler."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import models


@lru_cache(maxsize=64)
def time_text(moment: datetime) -> str:
    """As Django stores it (DatabaseOperations.adapt_datetimefield_value): UTC without an offset.

    Remembered, since the attempts of a batch have one moment in common.
    """
    return str(moment.astimezone(UTC).replace(tzinfo=None))


def read_time(moment: datetime | None) -> datetime | None:
    """What Django's converter left without an offset."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def stored(value: Any) -> Any:
    """A value as it is bound."""
    if isinstance(value, datetime):
        return time_text(value)
    return value.hex if isinstance(value, UUID) else value


def _read_id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def readers(model: type[models.Model]) -> Sequence[tuple[int, Callable[[Any], Any]]]:
    """What must be read further of a row of all columns: places, and how."""
    kinds = [
        field.target_field if isinstance(field, models.ForeignKey) else field
        for field in model._meta.concrete_fields
    ]
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, kind in enumerate(kinds):
        if isinstance(kind, models.UUIDField):
            found.append((place, _read_id))
        elif isinstance(kind, models.DateTimeField):
            found.append((place, read_time))
    return found
