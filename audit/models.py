"""The append-only log and the head of its hash chain. No foreign key leaves these tables."""

import json
from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit import changes
from audit.changes import FieldChange


class AuditEventImmutable(Exception):
    """Somebody tried to change or delete an event that stands."""


class AuditEvent(models.Model):
    """One act: who did what to which subject, when, why, from where, and what changed.

    `id` is the position in the chain, starting at 1 and without holes. Labels are frozen as text, so
    the event outlives its subject. The salts make both labels erasable: the chain covers the salted
    digests, not the names; after an erasure the salt holds a signed seal instead (audit/seals.py). The
    signature over `hash` tells an event that a service recorded from one that was written by hand. Database
    triggers refuse UPDATE and DELETE (audit/guard.py).
    """

    id = models.BigIntegerField(primary_key=True)
    time = models.DateTimeField()
    event = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(max_length=200)
    actor_salt = models.CharField(max_length=32, blank=True)
    actor_digest = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=100, blank=True)
    subject_label = models.CharField(max_length=200)
    subject_salt = models.CharField(max_length=32, blank=True)
    subject_digest = models.CharField(max_length=64)
    scope_id = models.BigIntegerField(null=True)
    before = models.TextField(default="{}")
    after = models.TextField(default="{}")
    reason = models.TextField(blank=True)
    origin = models.CharField(max_length=100)
    correlation = models.CharField(max_length=64, blank=True)
    history = models.TextField(default="{}")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="audit_subject"),
            models.Index(fields=["event", "-id"], name="audit_event_word"),
            models.Index(fields=["actor_label", "-id"], name="audit_actor"),
            models.Index(fields=["subject_label", "-id"], name="audit_subject_label"),
            models.Index(fields=["time"], name="audit_time"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.event}: {self.subject_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert once; raises AuditEventImmutable for an event that stands."""
        if not self._state.adding:
            raise AuditEventImmutable(f"Audit event {self.pk} cannot be changed.")
        super().save(*args, force_insert=True, using=kwargs.get("using"))

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Always raises AuditEventImmutable; retention has its own audited path."""
        raise AuditEventImmutable(f"Audit event {self.pk} cannot be deleted.")

    @property
    def before_values(self) -> dict[str, Any]:
        """What the changed values were."""
        return json.loads(self.before)

    @property
    def after_values(self) -> dict[str, Any]:
        """What they became, and figures of the act."""
        return json.loads(self.after)

    @property
    def history_rows(self) -> dict[str, int]:
        """Model names and the ids of the history rows written in the same transaction."""
        return json.loads(self.history)

    @property
    def field_changes(self) -> list[FieldChange]:
        """Every value that the event names, before and after."""
        return changes.field_changes(self.before_values, self.after_values)

    @property
    def phrase(self) -> str:
        """The change in a few words: "Active → Paused"."""
        return changes.phrase(self.before_values, self.after_values)


class AuditHead(models.Model):
    """The one row (id 1) that says where the chain ends; locked last in every transaction that records."""

    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    first = models.BigIntegerField(default=1, help_text="first event kept; older ones left by retention")
    first_previous_hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"head at {self.sequence}"


class AuditVerification(models.Model):
    """The one row (id 1) with the outcome of the last verification, for the head line of the page."""

    at = models.DateTimeField()
    ok = models.BooleanField()
    events = models.BigIntegerField()
    first_broken = models.BigIntegerField(null=True)
    problem = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"verified {self.at}: {'whole' if self.ok else self.problem}"


class AuditUnlock(models.Model):
    """A row here, inside one transaction, opens the guard for retention and erasure (audit/guard.py)."""

    purpose = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.purpose
