"""The frame of every verb on a run: one transaction, workflow locked first, then the run, the audit head last."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from config.failpoints import failpoint
from runs.engine import aftermath
from runs.models import Run
from workflows.lifecycle import Gone, Refusal
from workflows.services.acting import lock


class RunGone(Gone):
    """There is no such run. Commands and the API tell it like a refusal: `not_found`."""


class RunRefused(Refusal):
    """A verb does not fit a run's status; nothing changed."""

    code = "not_possible_now"


@dataclass(frozen=True)
class RunResult:
    """What a verb did with a run. `changed` is False when there was nothing to do; `message` says why."""

    changed: bool
    run: Run
    message: str = ""


def find(run_id: str | UUID) -> Run:
    """The run with workflow, version and scope; raises RunGone, also for what is no id."""
    try:
        key = UUID(str(run_id))
    except ValueError:
        raise RunGone(_("There is no such run.")) from None
    found = Run.objects.select_related("workflow", "version", "scope").filter(pk=key).first()
    if found is None:
        raise RunGone(_("There is no such run."))
    return found


def subject_of(run: Run) -> Subject:
    """A run as the subject of an audit event."""
    return Subject("run", str(run.pk), f"{run.workflow.name} · {run.pk}", run.scope_id)


def act(
    run_id: str | UUID,
    apply: Callable[[Run, datetime], str | None],
    word: AuditWord,
    *,
    reason: str = "",
) -> RunResult:
    """Perform one verb. `apply` changes the locked run, or returns a sentence saying why nothing is to be done.

    Raises RunGone, RunRefused. What a closed run makes due for others follows after the commit.
    """
    seen = find(run_id)
    with change():
        lock(seen.workflow_id)
        run = find(run_id)
        before = facts(run)
        nothing = apply(run, stamp())
        failpoint("K15")
        run = find(run_id)
        if nothing is None:
            record(word, subject_of(run), before=before, after=facts(run), reason=reason)
    if nothing is not None:
        return RunResult(False, run, nothing)
    aftermath.follow(run)
    return RunResult(True, run)


def facts(run: Run) -> dict[str, Any]:
    """What audit events compare of a run."""
    return {
        "status": run.status,
        "reason": run.reason or None,
        "wish": run.wish or None,
        "error": run.error or None,
    }


def already(run: Run) -> str:
    """That a run is closed and never changes again."""
    return _("Nothing to do: the run has ended as %(status)s.") % {"status": run.get_status_display()}
