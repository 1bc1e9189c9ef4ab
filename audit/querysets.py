"""Querysets of models whose every change must leave history: bulk writes are refused."""

from typing import Any, NoReturn

from django.db import models


class BulkWriteRefused(TypeError):
    """A bulk write would have passed history and audit by."""


class AuditedQuerySet(models.QuerySet):
    """Refuses bulk_create, bulk_update, and update() on columns that history keeps."""

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise BulkWriteRefused(f"{self.model.__name__} is audited: save each object through its service.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise BulkWriteRefused(f"{self.model.__name__} is audited: save each object through its service.")

    def update(self, **kwargs: Any) -> int:
        """Allowed on columns that history leaves out; others raise BulkWriteRefused."""
        kept = {field.name for field in self.model.history.model._meta.get_fields()}  # type: ignore[attr-defined]
        wrong = sorted(name for name in kwargs if name in kept)
        if wrong:
            raise BulkWriteRefused(
                f"{self.model.__name__}.{', '.join(wrong)}: history would not see this update."
            )
        return super().update(**kwargs)


AuditedManager = models.Manager.from_queryset(AuditedQuerySet)
