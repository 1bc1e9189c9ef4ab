"""The paced release of what a pause held."""

from django.db import models

from workflows.models import Workflow


class Release(models.Model):
    """A background job: lets held runs go, oldest first, `pace` a minute, until done or stopped.

    Only runs whose `reason` is RELEASING belong to it. `released` of `total` is its progress.
    """

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="releases")
    pace = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    released = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, db_index=True)
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=20, blank=True)
    started_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.released}/{self.total} of {self.workflow}"

    @property
    def is_running(self) -> bool:
        return self.ended_at is None
