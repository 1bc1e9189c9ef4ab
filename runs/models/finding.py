"""What is unusual about a workflow, found by itself; and what the search remembers between its rounds."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from runs.monitoring.detecting.verdicts import Kind
from workflows.models import Scope, Workflow

KINDS = {
    Kind.FAILURES: _("Failures"),
    Kind.SPIKE: _("Volume spike"),
    Kind.SILENCE: _("It did not run"),
    Kind.DURATION: _("Duration shift"),
    Kind.SLOW_SCHEDULE: _("Slower than its schedule"),
}


class FindingState(models.TextChoices):
    """Open until the condition is gone; a person who acknowledges it says that it is known."""

    OPEN = "open", _("Open")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    CLOSED = "closed", _("Closed")


class FindingQuerySet(models.QuerySet["Finding"]):
    def standing(self) -> "FindingQuerySet":
        """Those whose condition holds still, acknowledged or not."""
        return self.exclude(state=FindingState.CLOSED)


class Finding(models.Model):
    """One lasting condition of one kind; the next one of the kind is another row.

    `since`: from when on it shows. `last_seen`: when it was seen last. `observed`, `expected`, `score` and `facts`
    (JSON text) are the strongest evidence, as runs/monitoring/detecting/verdicts.py has them, and `window_from` and
    `window_to` bound just the runs that it counts. `threshold_ms`: of those only what took at least so long.
    """

    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="findings", db_index=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=[(kind.value, label) for kind, label in KINDS.items()])
    state = models.CharField(max_length=12, choices=FindingState.choices, default=FindingState.OPEN)
    since = models.DateTimeField()
    found_at = models.DateTimeField()
    last_seen = models.DateTimeField()
    window_from = models.DateTimeField()
    window_to = models.DateTimeField()
    threshold_ms = models.BigIntegerField(null=True, blank=True)
    score = models.FloatField()
    observed = models.FloatField()
    expected = models.FloatField()
    facts = models.TextField(default="{}")
    acknowledged_by = models.CharField(max_length=200, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(max_length=20, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workflow", "kind"], condition=~Q(state="closed"), name="one_standing_finding"
            ),
            models.CheckConstraint(condition=Q(state__in=FindingState.values), name="finding_state_known"),
        ]
        indexes = [
            models.Index(fields=["workflow", "-id"], name="finding_of_workflow"),
            models.Index(fields=["state", "-id"], name="finding_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.workflow}"

    @property
    def stands(self) -> bool:
        """Whether the condition holds still."""
        return self.state != FindingState.CLOSED


class Watch(models.Model):
    """What the search knows of a workflow: up to which quarter-hour it looked, and what it learned on which day.

    `learned`: compressed, read and written by runs/monitoring/findings/remembering.py alone; it can be lost without
    harm, since it is learned anew every day.
    """

    workflow = models.OneToOneField(Workflow, on_delete=models.CASCADE, primary_key=True, related_name="+")
    looked_at = models.DateTimeField(null=True, db_index=True)
    learned_on = models.DateField(null=True)
    learned = models.BinaryField(default=b"", editable=False)

    class Meta:
        verbose_name_plural = "watches"

    def __str__(self) -> str:
        return str(self.workflow)
