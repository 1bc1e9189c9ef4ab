"""One execution of one version, started by one trigger occurrence."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.ids import new_id
from workflows.models import Scope, Version, Workflow


class RunStatus(models.TextChoices):
    """Where a run stands; the last four are its outcome."""

    PENDING = "pending", _("Pending")
    RUNNING = "running", _("Running")
    WAITING = "waiting", _("Waiting")
    HELD = "held", _("Held")
    NEEDS_DECISION = "needs_decision", _("Needs decision")
    SUCCESS = "success", _("Success")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    SKIPPED = "skipped", _("Skipped")


CLOSED = (RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SKIPPED)
OPEN = tuple(status for status in RunStatus if status not in CLOSED)
IN_FLIGHT = (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.NEEDS_DECISION)

# Reasons of Waiting runs that gave their slot up: before they go on, the limit of runs at once is asked again.
RELEASED, DECIDED = "released", "decided"
RETURNING = (RELEASED, DECIDED)


class StopWish(models.TextChoices):
    """What a run must do at its next step boundary."""

    NONE = "", _("Go on")
    HOLD = "hold", _("Hold")
    CANCEL = "cancel", _("Cancel")


def _there(field: str) -> Q:
    return Q(**{f"{field}__isnull": False})


class RunQuerySet(models.QuerySet["Run"]):
    def open(self) -> "RunQuerySet":
        return self.filter(status__in=OPEN)

    def counted(self) -> "RunQuerySet":
        """Production runs that executed: neither tests nor skipped occurrences."""
        return self.filter(is_test=False).exclude(status=RunStatus.SKIPPED)

    def held_triggers(self) -> "RunQuerySet":
        """Held runs that have not started: the occurrence waits, no version is chosen yet."""
        return self.filter(status=RunStatus.HELD, started_at=None)


class Run(models.Model):
    """The row is the truth about an execution; a broker's message is only a doorbell that carries its id.

    `due_at`: when it may go on (Pending, Waiting). `rung_at`: when the doorbell was last rung for it.
    `fence` grows with each claim; a write with an older number changes nothing. `started_at` is the first
    claim's stamp and never changes. `held_until` bounds how long a held trigger is kept. `input` is JSON
    text: the trigger's body or data, headers, query and time. `is_instant`: its version only computes and has no
    limits, so that it may be claimed and closed together with others (runs/engine/batch.py). `passes_gate` marks what may run while the
    workflow is not Active: tests, and manual runs by the permission "run while paused".
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="runs", db_index=False)
    version = models.ForeignKey(
        Version, null=True, on_delete=models.PROTECT, related_name="runs", db_index=False
    )
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(max_length=16, choices=RunStatus.choices, default=RunStatus.PENDING)
    reason = models.CharField(max_length=40, blank=True)
    trigger_kind = models.CharField(max_length=20)
    trigger_id = models.CharField(max_length=40, blank=True)
    delivery_id = models.CharField(max_length=200, blank=True)
    is_test = models.BooleanField(default=False)
    simulates = models.BooleanField(default=False)
    passes_gate = models.BooleanField(default=False)
    is_instant = models.BooleanField(default=False, db_default=False)
    correlation = models.CharField(max_length=64, blank=True)
    input = models.TextField(default="{}")
    output = models.TextField(blank=True)
    replay_of = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="replays", db_index=False
    )
    replay_from = models.CharField(max_length=40, blank=True)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="children", db_index=False
    )
    depth = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    wish = models.CharField(max_length=8, choices=StopWish.choices, default=StopWish.NONE, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    deaths = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_step = models.CharField(max_length=40, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_status_known"),
        ]
        indexes = [
            models.Index(fields=["workflow", "-id"], name="run_of_workflow"),
            models.Index(fields=["status", "-id"], name="run_by_status"),
            models.Index(fields=["workflow", "status", "id"], name="run_status_of_workflow"),
            models.Index(fields=["received_at"], name="run_received"),
            # Partial by "is there" alone: of other conditions SQLite cannot prove, with bound parameters, that they
            # hold, and would not use the index. A closed run stands in none of the first four.
            models.Index(fields=["status", "due_at"], name="run_due", condition=_there("due_at")),
            models.Index(
                fields=["due_at"], name="run_instant", condition=Q(is_instant=True) & _there("due_at")
            ),
            models.Index(fields=["lease_until"], name="run_lease", condition=_there("lease_until")),
            models.Index(fields=["held_until"], name="run_held_until", condition=_there("held_until")),
            models.Index(
                fields=["workflow", "-started_at"], name="run_started", condition=_there("started_at")
            ),
            models.Index(fields=["workflow", "ended_at"], name="run_ended", condition=_there("ended_at")),
            # Hardly any run killed a worker. The statement that looks for them names the condition as literally as this.
            models.Index(fields=["ended_at"], name="run_died", condition=Q(deaths__gt=0)),
            models.Index(fields=["replay_of"], name="run_replays", condition=_there("replay_of")),
            models.Index(fields=["parent"], name="run_children", condition=_there("parent")),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN
