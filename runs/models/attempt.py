"""One try of one step in a run."""

from django.db import models

from runs.models.run import Run


class AttemptStatus(models.TextChoices):
    """`started` is the intent: committed before the effect; found open after a
    worker's death, its outcome is unknown."""

    STARTED = "started"
    WAITING = "waiting"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"


class StepAttempt(models.Model):
    """Input, output, error and times of one try. `item` is the path of `for_each` positions, "2" or "2.0".

    `number` counts the tries of this step and item from 1. `due_at` says until when a waiting one waits.
    `input`, `output` are JSON text, cut beyond settings.STEP_OUTPUT_LIMIT.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="step_attempts", db_index=False)
    step_id = models.CharField(max_length=40)
    item = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=30)
    number = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10, choices=AttemptStatus.choices)
    fence = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    input = models.TextField(blank=True)
    output = models.TextField(blank=True)
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    is_final = models.BooleanField(default=True, help_text="false: another try follows")
    is_simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "step_id", "item", "number"], name="attempt_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.step_id} #{self.number}"


class RecordedValue(models.Model):
    """Business impact that a step recorded."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="values")
    step_id = models.CharField(max_length=40)
    item = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=100)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    unit = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step_id", "item"], name="value_recorded_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.value} {self.unit}"
