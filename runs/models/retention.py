"""How long closed runs are kept, where a manager has chosen it."""

from django.db import models
from django.db.models import Q

from config.clock import stamp


class RetentionRules(models.Model):
    """At most one row; without it the environment says it. 0 days: for ever; 0 runs: any number."""

    success_days = models.PositiveIntegerField()
    other_days = models.PositiveIntegerField()
    runs = models.PositiveBigIntegerField()
    changed_at = models.DateTimeField(default=stamp)
    changed_by = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "retention rules"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_retention_rules")]

    def __str__(self) -> str:
        return f"{self.success_days} {self.other_days} {self.runs}"
