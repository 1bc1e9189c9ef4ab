"""The workflow itself: its place, its status, and why it has it."""

import unicodedata
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from audit.querysets import AuditedQuerySet
from workflows.launch import Launch
from workflows.lifecycle import STATUS_WAYS, Cause, Status
from workflows.models.scope import Scope
from workflows.models.status_span import begin_span

NAME_LENGTH = 50


class StatusChangedOutside(Exception):
    """A save would have changed a status along a way that the table of transitions does not have."""


def normal_name(name: str) -> str:
    """A name as stored: NFC and trimmed."""
    return unicodedata.normalize("NFC", name).strip()


def name_key(name: str) -> str:
    """What uniqueness compares: the normal name, case folded."""
    return unicodedata.normalize("NFC", normal_name(name).casefold())


class WorkflowQuerySet(AuditedQuerySet):
    def standing(self) -> "WorkflowQuerySet":
        """All but the deleted, of which only a tombstone remains."""
        return self.filter(deleted_at=None)

    def unarchived(self) -> "WorkflowQuerySet":
        return self.standing().exclude(status=Status.ARCHIVED)

    def tagged(self, tag: str) -> "WorkflowQuerySet":
        return self.filter(tag_line__contains=f"\n{tag}\n")


class Workflow(models.Model):
    """A named automation. A deleted one stays as a tombstone (`deleted_at`), for its runs and its trail.

    `revision` counts changes; every verb checks it. `published` and `draft` point at its versions.
    The pause fields describe the present pause only. `launch` is the text of a watched launch (workflows/launch.py)
    while there is one; `launch_seen` is written under the row's lock alone.
    """

    name = models.CharField(max_length=NAME_LENGTH)
    name_key = models.CharField(max_length=200, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="workflows")
    description = models.TextField(blank=True)
    tag_line = models.TextField(blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="owned_workflows",
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    cause = models.CharField(max_length=20, choices=Cause.choices, blank=True)
    reason = models.TextField(blank=True)
    category = models.CharField(max_length=20, blank=True)
    status_by = models.CharField(
        max_length=200, blank=True, help_text="label of whoever changed the status last"
    )
    status_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    resume_expected_at = models.DateTimeField(null=True, blank=True)
    auto_resume = models.BooleanField(default=False)
    auto_resume_failed = models.TextField(blank=True, help_text="why an automatic resume was refused")
    in_flight_choice = models.CharField(max_length=10, blank=True)
    triggers_choice = models.CharField(max_length=10, blank=True)
    is_draining = models.BooleanField(default=False)
    activated_at = models.DateTimeField(null=True, blank=True, help_text="last start or resume")
    first_started_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, help_text="last start")
    launch = models.CharField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text="limit of a watched launch: first N, share S, scope REF",
    )
    launch_seen = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="triggers that came since the launch"
    )
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    published = models.ForeignKey(
        "Version", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    draft = models.ForeignKey(
        "Version", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    last_run_at = models.DateTimeField(null=True, blank=True, editable=False)

    history = HistoricalRecords(excluded_fields=["last_run_at", "launch_seen"])
    objects = WorkflowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "name_key"],
                condition=Q(deleted_at=None) & ~Q(status="archived"),
                name="workflow_name_free_in_scope",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="workflow_status_known"),
            models.CheckConstraint(
                condition=Q(status="paused", paused_at__isnull=False) | ~Q(status="paused"),
                name="paused_says_since_when",
            ),
        ]
        indexes = [models.Index(fields=["status", "name_key"], name="workflow_status_name")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps the name's key and the spans of its status.

        Raises StatusChangedOutside for a status change that the table does not have.
        """
        self.name = normal_name(self.name)
        self.name_key = name_key(self.name)
        loaded = getattr(self, "_loaded_status", "")
        if loaded and loaded != self.status and (loaded, self.status) not in STATUS_WAYS:
            raise StatusChangedOutside(f"A workflow cannot go from {loaded} to {self.status}.")
        is_new = self._state.adding
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new:
                begin_span(self, self.created_at)
            elif loaded and loaded != self.status:
                begin_span(self, self.status_at or timezone.now())
        self._loaded_status = self.status

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any
    ) -> "Workflow":
        """Remember the status that was loaded, so that save() knows a change of it."""
        instance = super().from_db(db, field_names, values, **options)
        instance._loaded_status = instance.__dict__.get("status", "")
        return instance

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """Remember the status anew where it was loaded anew."""
        names = None if fields is None else list(fields)
        super().refresh_from_db(using, names, from_queryset)
        if names is None or "status" in names:
            self._loaded_status = self.status

    @property
    def tags(self) -> list[str]:
        """The tags in the order given."""
        return [tag for tag in self.tag_line.split("\n") if tag]

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        kept = list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
        self.tag_line = "\n".join(["", *kept, ""]) if kept else ""

    @property
    def was_published(self) -> bool:
        return self.published_id is not None

    @property
    def limit(self) -> Launch | None:
        """The limit of its watched launch; None where there is none."""
        return Launch.read(self.launch)

    @property
    def has_unpublished_changes(self) -> bool:
        """A draft stands beside a published version."""
        return self.published_id is not None and self.draft_id is not None

    @property
    def is_overdue(self) -> bool:
        """Paused beyond the expected resume time."""
        expected = self.resume_expected_at
        return self.status == Status.PAUSED and expected is not None and expected <= timezone.now()

    @property
    def holds_triggers(self) -> bool:
        """Whether occurrences are kept while it does not run: Paused, or stopped by the system."""
        return self.status == Status.PAUSED or (
            self.status == Status.NOT_RUNNING and self.cause not in ("", Cause.PERSON)
        )
