"""A numbered definition of a workflow."""

import hashlib
from collections.abc import Collection, Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.querysets import AuditedManager
from workflows.models.workflow import Workflow


class VersionImmutable(Exception):
    """A published version's definition cannot be changed."""


class Version(models.Model):
    """A definition as JSON text, just as it was given; immutable once published."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Superseded")

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    definition = models.TextField()
    content_hash = models.CharField(max_length=64, editable=False)
    author = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    tested_hash = models.CharField(max_length=64, blank=True, editable=False)
    test_outcome = models.CharField(max_length=12, blank=True, editable=False)

    history = HistoricalRecords(excluded_fields=["tested_at", "tested_hash", "test_outcome"])
    objects = AuditedManager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["workflow", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["workflow"], condition=Q(state="draft"), name="one_draft"),
            models.UniqueConstraint(
                fields=["workflow"], condition=Q(state="published"), name="one_published"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workflow} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps the content's hash; raises VersionImmutable when a published definition would change."""
        self.content_hash = hashlib.sha256(self.definition.encode("utf-8", "surrogatepass")).hexdigest()
        if getattr(self, "_sealed_hash", None) not in (None, self.content_hash):
            raise VersionImmutable(
                f"Version {self.number} of {self.workflow} is published and cannot change."
            )
        super().save(*args, **kwargs)
        self._sealed_hash = self.content_hash if self.is_sealed else None

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any
    ) -> "Version":
        """Remember what was loaded, so that save() can protect a published definition."""
        instance = super().from_db(db, field_names, values, **options)
        instance._sealed_hash = instance.__dict__.get("content_hash") if instance.is_sealed else None
        return instance

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """Protect what was published meanwhile too."""
        names = None if fields is None else list(fields)
        super().refresh_from_db(using, names, from_queryset)
        if names is None or {"state", "content_hash"} & set(names):
            self._sealed_hash = self.content_hash if self.is_sealed else None

    @property
    def is_sealed(self) -> bool:
        """Published now or once."""
        return self.__dict__.get("state") in (self.State.PUBLISHED, self.State.SUPERSEDED)
