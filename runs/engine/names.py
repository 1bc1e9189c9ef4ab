"""What templates and conditions may read at the start of a walk."""

import json
from typing import Any

from audit.chain import instant
from runs.engine.claim import Claim
from runs.intake.occurrences import trigger_names


def names_of(claim: Claim) -> dict[str, Any]:
    """trigger, steps, workflow, run and scope, as definition.md names them."""
    run, workflow, version = claim.run, claim.run.workflow, claim.run.version
    assert version is not None and run.started_at is not None, "a claimed run has both"
    return {
        "trigger": trigger_names(run.trigger_kind, run.trigger_id, json.loads(run.input)),
        "steps": {},
        "workflow": {"id": workflow.pk, "name": workflow.name, "version": version.number},
        "run": {"id": str(run.pk), "started_at": instant(run.started_at)},
        "scope": run.scope.ref,
    }
