"""Maintenance windows, and the pauses that they made."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workflows.models.connection import Connection
from workflows.models.scope import Scope
from workflows.models.workflow import Workflow

TITLE_LENGTH = 100


class MaintenanceQuerySet(models.QuerySet["MaintenanceWindow"]):
    def standing(self) -> "MaintenanceQuerySet":
        """All but the deleted, whose rows stay for the pauses that they made."""
        return self.filter(deleted_at=None)

    def current(self, moment: datetime) -> "MaintenanceQuerySet":
        """Those in force at that moment."""
        return self.standing().filter(ended_at=None, starts_at__lte=moment, ends_at__gt=moment)

    def upcoming(self, moment: datetime) -> "MaintenanceQuerySet":
        return self.standing().filter(ended_at=None, starts_at__gt=moment)

    def past(self, moment: datetime) -> "MaintenanceQuerySet":
        return self.standing().filter(Q(ended_at__isnull=False) | Q(ends_at__lte=moment))


class MaintenanceWindow(models.Model):
    """A time in which the system keeps the workflows bound to it paused.

    Bound are those of `scopes` and of what lies inside them: all, those with one of the tags, or those that use
    the connection. `scope` is the inmost scope that holds all of `scopes`; it decides who sees the window.
    `bound_at` is when it last became known whom it concerns. `applied_at`: everything bound has been looked at.
    """

    class State(models.TextChoices):
        UPCOMING = "upcoming", _("Upcoming")
        CURRENT = "current", _("In force")
        OVER = "over", _("Over")
        ENDED_EARLY = "ended_early", _("Ended early")

    title = models.CharField(max_length=TITLE_LENGTH)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    scopes = models.ManyToManyField(Scope, related_name="maintenance_windows")
    tag_line = models.TextField(blank=True, editable=False)
    connection = models.ForeignKey(
        Connection, null=True, blank=True, on_delete=models.SET_NULL, related_name="maintenance_windows"
    )
    connection_name = models.CharField(max_length=60, blank=True, help_text="stays when it is deleted")
    in_flight = models.CharField(max_length=10, default="hold")
    triggers = models.CharField(max_length=10, default="hold")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    bound_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="ended early")
    deleted_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = MaintenanceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="maintenance_ends_after_start"
            )
        ]
        indexes = [models.Index(fields=["ends_at"], name="maintenance_ends_at")]

    def __str__(self) -> str:
        return self.title

    def state_at(self, moment: datetime) -> "MaintenanceWindow.State":
        """Where it stands, from its times alone."""
        if self.ended_at is not None:
            return self.State.ENDED_EARLY
        if self.ends_at <= moment:
            return self.State.OVER
        return self.State.UPCOMING if self.starts_at > moment else self.State.CURRENT

    @property
    def state(self) -> "MaintenanceWindow.State":
        """Where it stands now."""
        return self.state_at(timezone.now())

    @property
    def tags(self) -> list[str]:
        """The tags in the order given; empty unless it is bound to tags."""
        return [tag for tag in self.tag_line.split("\n") if tag]


class WindowPause(models.Model):
    """That a window keeps a workflow paused, and how that went out.

    The pause is the window's own only while the workflow still has `paused_at`, `reason` and `until`: whatever a
    person changes about it makes it theirs.
    """

    class Outcome(models.TextChoices):
        PAUSED = "paused", _("Paused by it")
        RESUMED = "resumed", _("Resumed")
        STAYS = "stays", _("Stays Paused")
        HANDED_ON = "handed_on", _("Stays Paused for another window")
        LEFT = "left", _("Left alone")

    window = models.ForeignKey(MaintenanceWindow, on_delete=models.CASCADE, related_name="pauses")
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="window_pauses")
    paused_at = models.DateTimeField()
    reason = models.TextField()
    until = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.PAUSED)
    why = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["window", "workflow"], name="window_pauses_workflow_once")
        ]
        indexes = [
            models.Index(fields=["workflow"], name="window_pause_open", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.window}: {self.workflow}"

    def is_of(self, workflow: Workflow) -> bool:
        """Whether the workflow still stands in this very pause."""
        told: tuple[Any, ...] = (self.paused_at, self.reason, self.until)
        return (
            workflow.status == "paused"
            and (workflow.paused_at, workflow.reason, workflow.resume_expected_at) == told
        )
