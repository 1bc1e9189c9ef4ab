"""Addresses: of monitoring itself, and of exactly the runs that a figure counts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.urls import reverse

from runs.models import RunStatus
from runs.views.monitoring.asked import Asked

FINISHED = (RunStatus.SUCCESS, RunStatus.FAILED)
EXECUTED = (*FINISHED, RunStatus.CANCELLED)


def monitoring(asked: Asked, panel: str = "", **changes: object) -> str:
    """The page, or one of its panels, with the same choice but for these changes."""
    path = reverse("monitoring_panel", args=[panel]) if panel else reverse("monitoring")
    return path + _query(asked.values(**changes))


def export(asked: Asked, panel: str) -> str:
    """A panel's figures as CSV."""
    return reverse("monitoring_csv", args=[panel]) + _query(asked.values())


def runs(
    asked: Asked,
    statuses: Sequence[str],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    workflow: int | None = None,
    also: Mapping[str, object] | None = None,
) -> str:
    """The list of the runs of these statuses that ended from `start` on and before `end` (default: in the window).

    `also`: further filters of that list.
    """
    only = workflow or (asked.only.pk if asked.only else None)
    values = {
        "status": ",".join(statuses),
        "workflow": only,
        "scope": asked.scope.ref if asked.scope else None,
        "ended_from": _moment(start or asked.window.start),
        "ended_to": _moment(end or asked.window.end),
        **(also or {}),
    }
    return reverse("run_list") + _query(values)


def open_runs(asked: Asked, status: str) -> str:
    """The list of the runs that have this status now."""
    scope = asked.scope.ref if asked.scope else None
    return reverse("run_list") + _query(
        {"status": status, "workflow": asked.only.pk if asked.only else None, "scope": scope}
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _query(values: Mapping[str, object]) -> str:
    given = {name: value for name, value in values.items() if value not in (None, "")}
    return f"?{urlencode(given, safe=',:/')}" if given else ""
