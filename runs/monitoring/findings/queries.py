"""Findings as people see them: only of workflows in their scopes."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.db.models import Case, IntegerField, Value, When
from django.urls import reverse

from config.web import policy
from runs.models import Finding, FindingState, RunStatus
from runs.models.finding import FindingQuerySet
from runs.monitoring.detecting.verdicts import Kind
from runs.monitoring.figures import Ids
from workflows import access

FINISHED: Final = (RunStatus.SUCCESS, RunStatus.FAILED)
STATUSES: Final = {
    Kind.FAILURES: (RunStatus.FAILED,),
    Kind.SPIKE: (*FINISHED, RunStatus.CANCELLED),
    Kind.SILENCE: (*FINISHED, RunStatus.CANCELLED),
    Kind.DURATION: FINISHED,
    Kind.SLOW_SCHEDULE: FINISHED,
}
MOST: Final = 20
BEFORE: Final = timedelta(days=1)
"""Of a silence there are no runs: its link shows those that ended within a day before it."""


def listed(user: Any) -> FindingQuerySet:
    """The findings that a person or token sees, with what their rows show."""
    rows = Finding.objects.filter(workflow__deleted_at=None).select_related("workflow", "workflow__scope")
    return cast(FindingQuerySet, access.visible_to(user, rows))


def open_for(user: Any, *, workflow: int | None = None, most: int = MOST) -> list[Finding]:
    """The findings that stand, of one workflow or of all that the person sees; one query."""
    rows = listed(user).standing()
    return _most_urgent(rows if workflow is None else rows.filter(workflow=workflow), most)


def standing(
    *, workflows: Ids | None, scopes: Ids | None, seen: Ids | None, most: int = MOST
) -> list[Finding]:
    """Those that stand of these workflows, of workflows in these scopes and in those that are seen; None: all. One query."""
    rows = Finding.objects.standing().filter(workflow__deleted_at=None).select_related("workflow__scope")
    if workflows is not None:
        rows = rows.filter(workflow__in=workflows)
    for ids in (scopes, seen):
        if ids is not None:
            rows = rows.filter(workflow__scope__in=ids)
    return _most_urgent(rows, most)


def _most_urgent(rows: FindingQuerySet, most: int) -> list[Finding]:
    """The unacknowledged first, then the newest."""
    is_known = Case(
        When(state=FindingState.ACKNOWLEDGED, then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    return list(rows.order_by(is_known, "-found_at", "-pk")[:most])


def may_acknowledge(user: Any, finding: Finding) -> bool:
    """Whether it waits for that and the person may; no query for findings of `listed` or `standing`."""
    return finding.state == FindingState.OPEN and policy.may(user, "acknowledge", finding)


def runs_address(finding: Finding) -> str:
    """The list of exactly the runs that the finding counts; of a silence, of those before it."""
    kind, begin, end = Kind(finding.kind), finding.window_from, finding.window_to
    if kind is Kind.SILENCE:
        begin, end = begin - BEFORE, begin + timedelta(seconds=1)
    values = {
        "status": ",".join(STATUSES[kind]),
        "workflow": finding.workflow_id,
        "ended_from": _moment(begin),
        "ended_to": _moment(end),
        "duration_from": finding.threshold_ms or "",
    }
    given = {name: value for name, value in values.items() if value != ""}
    return f"{reverse('run_list')}?{urlencode(given, safe=',:/')}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
