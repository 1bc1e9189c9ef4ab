"""How long a workflow had which status."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from workflows.lifecycle import Cause, Status

if TYPE_CHECKING:
    from workflows.models.workflow import Workflow


class StatusSpan(models.Model):
    """From `since` on a workflow had this status, until `until`; the present one has no `until`. Never pruned."""

    workflow = models.ForeignKey(
        "workflows.Workflow", on_delete=models.CASCADE, related_name="spans", db_index=False
    )
    status = models.CharField(max_length=12, choices=Status.choices)
    cause = models.CharField(max_length=20, choices=Cause.choices, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workflow"], condition=Q(until=None), name="one_present_status_span"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="status_span_goes_forward"
            ),
        ]
        indexes = [models.Index(fields=["workflow", "since"], name="status_span_of_workflow")]

    def __str__(self) -> str:
        return f"{self.status} {self.since:%Y-%m-%d %H:%M}"


def begin_span(workflow: "Workflow", moment: datetime) -> None:
    """End the present span and begin that of the workflow's status, in the transaction that stores the status."""
    present = StatusSpan.objects.filter(workflow=workflow, until=None)
    # A clock that was set back must not make a span end before it began.
    since = max((moment, *present.values_list("since", flat=True)))
    present.update(until=since)
    StatusSpan.objects.create(workflow=workflow, status=workflow.status, cause=workflow.cause, since=since)


def end_spans(workflow: "Workflow", moment: datetime) -> None:
    """A workflow that is deleted has no status any more."""
    present = StatusSpan.objects.filter(workflow=workflow, until=None)
    present.filter(since__lte=moment).update(until=moment)
    present.update(until=F("since"))
