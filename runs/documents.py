"""The JSON shape of runs, the same in commands and API. Names are a contract: added to, never changed."""

import json
from collections.abc import Iterable
from typing import Any

from runs.models import Run, StepAttempt
from workflows.documents import Document, moment_text


def run_document(run: Run, *, detail: bool = False) -> Document:
    """The shape R; `detail` adds input, output and steps, best of a run from `queries.with_steps()`."""
    document = {
        "id": str(run.pk),
        "workflow": run.workflow_id,
        "workflow_name": run.workflow.name,
        "version": run.version.number if run.version else None,
        "status": run.status,
        "reason": run.reason or None,
        "trigger": run.trigger_kind,
        "trigger_id": run.trigger_id or None,
        "test": run.is_test,
        "delivery_id": run.delivery_id or None,
        "replay_of": str(run.replay_of_id) if run.replay_of_id else None,
        "received_at": moment_text(run.received_at),
        "started_at": moment_text(run.started_at),
        "ended_at": moment_text(run.ended_at),
        "due_at": moment_text(run.due_at),
        "error": run.error or None,
        "error_code": run.error_code or None,
    }
    return document | (_detail(run) if detail else {})


def _detail(run: Run) -> Document:
    return {
        "input": stored_value(run.input),
        "output": stored_value(run.output),
        "steps": step_documents(run.step_attempts.all()),
    }


def step_documents(attempts: Iterable[StepAttempt]) -> list[Document]:
    """Attempts in the order in which they began, gathered into their steps; the last one's status is the step's."""
    steps: dict[tuple[str, str], Document] = {}
    for attempt in attempts:
        step = steps.setdefault((attempt.step_id, attempt.item), _step(attempt))
        step["status"] = attempt.status
        step["attempts"].append(_attempt(attempt))
    return list(steps.values())


def _step(attempt: StepAttempt) -> Document:
    return {
        "id": attempt.step_id,
        "item": attempt.item or None,
        "kind": attempt.kind,
        "status": attempt.status,
        "attempts": [],
    }


def _attempt(attempt: StepAttempt) -> Document:
    return {
        "n": attempt.number,
        "status": attempt.status,
        "started_at": moment_text(attempt.started_at),
        "ended_at": moment_text(attempt.ended_at),
        "input": stored_value(attempt.input),
        "output": stored_value(attempt.output),
        "error": attempt.error or None,
        "error_code": attempt.error_code or None,
    }


def stored_value(text: str) -> Any:
    """What a stored JSON text means; None when empty. Text that was cut and no longer parses stays text."""
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
