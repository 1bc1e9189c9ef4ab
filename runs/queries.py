"""The door for reads about runs: lists by cursor, one run with its steps."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from runs.models import Run, StepAttempt
from runs.models.run import RunQuerySet
from workflows import access, paging
from workflows.models import Scope, Workflow
from workflows.queries import NotFound


def everything() -> RunQuerySet:
    """All runs with what their rows and documents show; no query per row follows."""
    return Run.objects.select_related("workflow", "version", "scope").defer("input", "output")


def listed(user: Any) -> RunQuerySet:
    """The runs in the scopes that a person or token sees."""
    return cast(RunQuerySet, access.visible_to(user, everything()))


def filtered(
    runs: RunQuerySet,
    *,
    workflow: Workflow | None = None,
    statuses: Collection[str] = (),
    since: datetime | None = None,
    scope: Scope | None = None,
    trigger_kind: str = "",
) -> RunQuerySet:
    """Narrow a list. `since` compares when the occurrence was received; a scope includes those inside it
    and means where the run was accepted."""
    if workflow is not None:
        runs = runs.filter(workflow=workflow)
    if statuses:
        runs = runs.filter(status__in=statuses)
    if since is not None:
        runs = runs.filter(received_at__gte=since)
    if scope is not None:
        runs = runs.filter(scope__in=Scope.objects.inside([scope.pk]))
    if trigger_kind:
        runs = runs.filter(trigger_kind=trigger_kind)
    return runs


def list_runs(runs: RunQuerySet, *, limit: int, cursor: str = "") -> tuple[list[Run], str | None]:
    """At most `limit` runs (0: all), newest first, and the cursor of the next page if there is one.

    Ids sort by time, so new runs never shift a page. Raises CursorRefused.
    """
    runs = runs.order_by("-pk")
    if cursor:
        runs = runs.filter(pk__lt=_position(cursor))
    rows = list(runs[: limit + 1] if limit else runs)
    if not limit or len(rows) <= limit:
        return rows, None
    return rows[:limit], paging.pack(str(rows[limit - 1].pk))


def _position(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(paging.unpack(cursor, str)[0])
    except ValueError:
        raise paging.CursorRefused from None


def by_id(text: str | uuid.UUID, *, runs: RunQuerySet | None = None) -> Run:
    """The run with this id; raises NotFound."""
    rows = everything() if runs is None else runs
    try:
        found = rows.filter(pk=uuid.UUID(str(text))).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no run “%(id)s”.") % {"id": text})
    return found


def with_steps(run_id: uuid.UUID) -> Run:
    """A run with its input, output and step attempts in the order in which they began."""
    attempts = Prefetch("step_attempts", StepAttempt.objects.order_by("pk"))
    return (
        Run.objects.select_related("workflow", "version", "scope").prefetch_related(attempts).get(pk=run_id)
    )
