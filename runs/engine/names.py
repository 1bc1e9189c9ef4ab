"""What templates and conditions may read at the start of a walk."""

import json
from typing import Any

from audit.chain import instant
from runs.engine.claim import Claim
from runs.intake.occurrences import trigger_names


def names_of(claim: Claim) -> dict[str, Any]:
    """trigger, steps, workflow, run and scope, as definition.md names them."""
    run, about = claim.run, claim.about
    assert run.started_at is not None, "a claimed run has started"
    return {
        "trigger": trigger_names(run.trigger_kind, run.trigger_id, json.loads(run.input)),
        "steps": {},
        "workflow": {"id": about.workflow_pk, "name": about.workflow_name, "version": about.version_number},
        "run": {"id": str(run.pk), "started_at": instant(run.started_at)},
        "scope": about.scope_ref,
    }
