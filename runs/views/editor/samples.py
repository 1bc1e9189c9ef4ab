"""Payloads to test with, and what past runs gave: examples for values, and the sample of a test."""

import json
from typing import Any, Final
from uuid import UUID

from runs.documents import stored_value
from runs.models import AttemptStatus, Run, StepAttempt
from runs.run_values import payload_of
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.definition.json_text import TextRefused, load_json
from workflows.models import Workflow
from workflows.texts import storable
from workflows.triggers.manual import ManualTrigger

PAST: Final = 10


def sample_payload(workflow: Workflow) -> str:
    """The defaults of the manual trigger's fields, for a first test."""
    version = workflow.draft or workflow.published
    try:
        triggers = compile_definition(version.definition).triggers if version else []
    except DefinitionRefused:
        triggers = []
    fields = next((trigger.fields for trigger in triggers if isinstance(trigger, ManualTrigger)), [])
    values = {one.name: one.default for one in fields if one.default is not None}
    return json.dumps(values, ensure_ascii=False, indent=2)


def past_runs(workflow: Workflow) -> list[Run]:
    """The newest runs whose payload can be taken for a test."""
    runs = Run.objects.filter(workflow=workflow).exclude(input="").defer("input", "output")
    return list(runs.order_by("-received_at", "-pk")[:PAST])


def payload_text(workflow: Workflow, run_id: str) -> str | None:
    """What the trigger of a run of this workflow brought, as JSON; None for anything else."""
    try:
        run = Run.objects.filter(workflow=workflow, pk=UUID(run_id)).first()
    except ValueError:
        return None
    if run is None:
        return None
    text = json.dumps(payload_of(run)[1], ensure_ascii=False, indent=2)
    return storable(text)


def parsed(text: str) -> Any:
    """A sample as a value; None where it is not JSON."""
    try:
        return load_json(text) if text.strip() else None
    except TextRefused:
        return None


def last_outputs(workflow: Workflow) -> dict[str, Any]:
    """The outputs of the newest run that has steps, by step id; inside loops the first item's."""
    newest = (
        StepAttempt.objects.filter(run__workflow=workflow, status=AttemptStatus.SUCCESS)
        .order_by("-pk")
        .values_list("run_id", flat=True)
        .first()
    )
    if newest is None:
        return {}
    done = StepAttempt.objects.filter(run_id=newest, status=AttemptStatus.SUCCESS).order_by("-pk")
    return {id_: stored_value(output) for id_, output in done.values_list("step_id", "output") if output}
