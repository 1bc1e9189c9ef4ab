"""Counts of closed runs. Nothing here refers to runs for good: figures stay when the runs are pruned."""

from django.db import models
from django.db.models import DO_NOTHING, ForeignKey, Q
from django.utils.translation import gettext_lazy as _

from runs.models.run import Run, RunStatus
from workflows.models import Scope, Workflow


class Level(models.IntegerChoices):
    """How much time a count stands for; hours, days and months are those of the workspace's zone."""

    QUARTER = 1, _("Quarter-hour")
    HOUR = 2, _("Hour")
    DAY = 3, _("Day")
    MONTH = 4, _("Month")


def of_removed(is_removed: bool) -> Q:
    """Tallies of runs that retention removed since, or what all counted. In a list: SQLite answers `removed = 1` by an
    index, but not the bare `removed` that Django makes of a boolean.
    """
    return Q(removed__in=[is_removed])


def _workflow() -> "ForeignKey[Workflow, Workflow]":
    """Without a constraint: to check it would touch the workflow's row, which every claim locks."""
    return ForeignKey(Workflow, DO_NOTHING, related_name="+", db_constraint=False, db_index=False)


def _scope() -> "ForeignKey[Scope, Scope]":
    return ForeignKey(Scope, DO_NOTHING, related_name="+", db_constraint=False, db_index=False)


class TallyEntry(models.Model):
    """That runs closed, written in the closing transaction and never changed; the fold moves it into tallies.

    `at`: the beginning of the quarter-hour in which they ended. `runs`: how many of this kind one transaction closed,
    -1 takes back what an earlier entry said. `version`: its key, 0 where none was chosen. `bucket`, `milliseconds`:
    how long each took and all together, of Success and Failed alone. `saved`: milliseconds of people's time. `run`: of
    an entry for one run, whose attempts and values are counted with it.
    """

    at = models.DateTimeField()
    workflow = _workflow()
    scope = _scope()
    version = models.BigIntegerField(default=0)
    trigger_kind = models.CharField(max_length=20)
    status = models.CharField(max_length=16, choices=RunStatus.choices)
    reason = models.CharField(max_length=40, blank=True)
    bucket = models.PositiveSmallIntegerField(null=True)
    runs = models.IntegerField()
    milliseconds = models.BigIntegerField(default=0)
    saved = models.BigIntegerField(default=0)
    run = ForeignKey(
        Run, DO_NOTHING, null=True, related_name="tally_entries", db_constraint=False, db_index=False
    )

    class Meta:
        verbose_name_plural = "tally entries"
        indexes = [models.Index(fields=["workflow", "at"], name="tally_entry_of_workflow")]

    def __str__(self) -> str:
        return f"{self.runs} {self.status} {self.at:%Y-%m-%d %H:%M}"


class Counted(models.Model):
    """What all tallies have. `durations`: "bucket:n" with commas between (runs/monitoring/histogram.py).

    `removed`: how much of it counts runs that retention removed since, kept apart so that the sum of what is left and
    what was removed can be compared with the count at any time.
    """

    level = models.PositiveSmallIntegerField(choices=Level.choices)
    start = models.DateTimeField()
    scope = _scope()
    failed = models.BigIntegerField(default=0)
    milliseconds = models.BigIntegerField(default=0)
    durations = models.TextField(blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.start:%Y-%m-%d %H:%M}"  # type: ignore[attr-defined]


class RunCounts(Counted):
    """Runs by outcome. `skipped_reasons`: "reason:n" with commas between. `recorded`: JSON {unit: sum as text}."""

    trigger_kind = models.CharField(max_length=20)
    success = models.BigIntegerField(default=0)
    cancelled = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    saved = models.BigIntegerField(default=0)
    skipped_reasons = models.TextField(blank=True)
    recorded = models.TextField(blank=True)

    class Meta:
        abstract = True


class Tally(RunCounts):
    """The runs of one workflow, version and kind of trigger."""

    workflow = _workflow()
    version = models.BigIntegerField(default=0)
    removed = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["removed", "level", "start", "workflow", "version", "trigger_kind", "scope"],
                name="tally_once",
            )
        ]
        # The counts as well: lists that are sorted by success look nothing else up.
        indexes = [
            models.Index(
                fields=["workflow", "removed", "level", "start", "success", "failed"],
                name="tally_of_workflow",
            )
        ]


class ScopeTally(RunCounts):
    """The runs of all workflows of a scope, those inside it not included: sums of Tally."""

    class Meta:
        verbose_name_plural = "scope tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["level", "start", "scope", "trigger_kind"], name="scope_tally_once"
            )
        ]


class StepTally(Counted):
    """The attempts at one step that acts outside, of runs that closed in that time."""

    workflow = _workflow()
    step_id = models.CharField(max_length=40)
    attempts = models.BigIntegerField(default=0)
    removed = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "step tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["removed", "level", "start", "workflow", "step_id", "scope"], name="step_tally_once"
            )
        ]
        indexes = [
            models.Index(fields=["workflow", "removed", "level", "start"], name="step_tally_of_workflow")
        ]


class TallyBook(models.Model):
    """The one row that whoever changes tallies locks, and by which zone they are kept; `counted_at`: since when."""

    zone = models.CharField(max_length=64, blank=True)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_tally_book")]

    def __str__(self) -> str:
        return self.zone
