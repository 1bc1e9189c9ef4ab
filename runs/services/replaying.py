"""Replay: a new run linked to the old one, whole or from the failed step."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.services import change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.intake import Occurrence, start
from runs.models import AttemptStatus, Run, StepAttempt
from runs.services.acting import RunRefused, RunResult, find, subject_of
from workflows.lifecycle import Status, TransitionRefused
from workflows.models import Version
from workflows.services.acting import lock

REUSED = (AttemptStatus.SUCCESS, AttemptStatus.SKIPPED)


def replay(
    run_id: str | UUID,
    *,
    version: str = "same",
    payload: Any = None,
    from_failed: bool = False,
    while_paused: bool = False,
) -> RunResult:
    """Run it again as a new run; `version` is "same" or "published", `payload` replaces the body or data.

    With `from_failed` the outputs of the steps before the failed one are reused. Raises RunGone, RunRefused (the
    run is still open, its input was removed, or nothing failed), and as for a start by hand TransitionRefused unless the workflow is
    Active (or Paused, with `while_paused`).
    """
    old = find(run_id)
    if old.is_open:
        raise RunRefused(
            _("The run is still %(status)s. Cancel it first, or wait.") % {"status": old.get_status_display()}
        )
    if not old.input:
        raise RunRefused(_("What this run took in was removed when the time to keep it had passed."))
    if from_failed and not old.error_step:
        raise RunRefused(
            _("No step of this run failed, so there is none to start from. Replay it from the start.")
        )
    with change():
        workflow = lock(old.workflow_id)
        _require_running(workflow.status, while_paused=while_paused, is_test=old.is_test)
        chosen = workflow.published if version == "published" else old.version or workflow.published
        occurrence = _occurrence(old, chosen, payload, passes_gate=workflow.status == Status.PAUSED)
        if from_failed:
            occurrence = replace(occurrence, replay_from=old.error_step)
        fresh = find(start(None, workflow.pk, occurrence).run_id)
        if from_failed:
            _reuse(old, fresh)
        record(
            AuditWord.RUN_REPLAYED,
            subject_of(old),
            after={"run": str(fresh.pk), "from_step": fresh.replay_from},
        )
    return RunResult(True, fresh)


def _require_running(status: str, *, while_paused: bool, is_test: bool) -> None:
    if status == Status.ACTIVE or is_test or (status == Status.PAUSED and while_paused):
        return
    raise TransitionRefused(
        _("A replay starts a run, which is not possible while the workflow is %(status)s.")
        % {"status": Status(status).label}
    )


def _occurrence(old: Run, version: Version | None, payload: Any, *, passes_gate: bool) -> Occurrence:
    given: dict[str, Any] = json.loads(old.input)
    if payload is not None:
        given["data" if "data" in given else "body"] = payload
    given.pop("received_at", None)
    return Occurrence(
        kind=old.trigger_kind,
        input=given,
        received_at=stamp(),
        trigger_id=old.trigger_id,
        correlation=old.correlation,
        is_test=old.is_test,
        simulates=old.simulates,
        passes_gate=passes_gate,
        replay_of=old.pk,
        version=version,
    )


def _reuse(old: Run, fresh: Run) -> None:
    """Copy how every place ended but the one where the run failed.

    Failures that the run went on from are taken along too, so that it goes the same way again; the failed place
    itself is left out even where it counts as done, as a step that ends a run as failed does.
    """
    newest = {(attempt.step_id, attempt.item): attempt for attempt in old.step_attempts.order_by("id")}
    failed = next((place for place in reversed(newest) if place[0] == old.error_step), None)
    if failed is not None:
        del newest[failed]
    copies = []
    for attempt in newest.values():
        if attempt.status not in REUSED and not (attempt.status == AttemptStatus.FAILED and attempt.is_final):
            continue
        copy = StepAttempt(
            **{f.attname: getattr(attempt, f.attname) for f in StepAttempt._meta.fields if f.name != "id"}
        )
        copy.run, copy.number, copy.fence = fresh, 1, 0
        copies.append(copy)
    StepAttempt.objects.bulk_create(copies)
