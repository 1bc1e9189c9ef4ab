"""What moves on a workflow's page, in the one query that loads the workflow: a poll compares it and mostly gets 204."""

from typing import Any, Final

from django.db.models import CharField, Count, Exists, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from config.web.pages import mark
from runs.models import OPEN, Finding, Release, Run
from runs.summaries import Joined
from workflows.models import Notice, NoticeKind
from workflows.models.workflow import WorkflowQuerySet

WHILE_MOVING: Final = 2
WHILE_OPEN: Final = 5


def with_pulse(workflows: WorkflowQuerySet) -> WorkflowQuerySet:
    """The workflows with `newest_run`, `newest_end`, `open_runs` ("held:3,running:1"), `releasing` ("12/40"),
    `unusual` ("7:open"), and `is_warned`: its failure rule warns."""
    own = Run.objects.filter(workflow=OuterRef("pk"))
    by_status = own.filter(status__in=OPEN).order_by("status").values("status").annotate(n=Count("pk"))
    running = Release.objects.filter(workflow=OuterRef("pk"), ended_at=None).order_by("pk")
    warned = Notice.objects.filter(workflow=OuterRef("pk"), kind=NoticeKind.FAILURE_RULE, closed_at=None)
    unusual = Finding.objects.standing().filter(workflow=OuterRef("pk")).order_by("pk")
    return workflows.annotate(
        is_warned=Exists(warned),
        newest_run=Subquery(own.order_by("-id").values("id")[:1]),
        newest_end=Subquery(own.exclude(ended_at=None).order_by("-ended_at").values("ended_at")[:1]),
        open_runs=Joined(by_status.annotate(word=_pair("status", ":", "n")).values("word")),
        releasing=Joined(running.annotate(word=_pair("released", "/", "total")).values("word")),
        unusual=Joined(unusual.annotate(word=_pair("pk", ":", "state")).values("word")),
    )


def _pair(left: str, sign: str, right: str) -> Concat:
    return Concat(Cast(F(left), CharField()), Value(sign), Cast(F(right), CharField()))


def mark_of(workflow: Any) -> str:
    """Equal for as long as nothing that the page shows has moved."""
    return mark(
        workflow.revision,
        workflow.newest_run,
        workflow.newest_end,
        workflow.open_runs,
        workflow.releasing,
        workflow.unusual,
        workflow.is_draining,
        workflow.is_overdue,
        workflow.is_warned,
        workflow.launch_seen,
    )


def seconds_between_polls(workflow: Any) -> int:
    """How often the page asks; 0 while nothing is open."""
    if workflow.is_draining or workflow.releasing:
        return WHILE_MOVING
    return WHILE_OPEN if workflow.open_runs else 0
