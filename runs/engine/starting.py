"""Runs started by a step of another run."""

from django.db import transaction
from django.utils.translation import gettext as _

from config.clock import stamp
from runs.engine.halts import ClaimLost
from runs.intake import Occurrence, start
from runs.intake.depths import DEPTH_LIMIT, too_deep
from runs.intake.occurrences import WORKFLOW
from runs.models import Run, RunStatus
from workflows.definition.json_values import Json
from workflows.lifecycle import Refusal
from workflows.models import Scope, Workflow
from workflows.steps.errors import StepError


def start_child(parent: Run, reference: str, payload: Json, *, key: str) -> str:
    """The id of the child run for this idempotency key, started now if it was not before.

    Raises StepError: unknown or ambiguous workflow, one outside the parent's scope, too deep, or not running;
    ClaimLost when the parent is no longer this worker's.
    """
    with transaction.atomic():
        # The parent's row stays locked until the child stands: a worker that was frozen starts no second one.
        mine = Run.objects.filter(pk=parent.pk, fence=parent.fence, status=RunStatus.RUNNING)
        if not mine.update(fence=parent.fence):
            raise ClaimLost(str(parent.pk))
        return _start_once(parent, reference, payload, key)


def _start_once(parent: Run, reference: str, payload: Json, key: str) -> str:
    existing = Run.objects.filter(parent=parent, delivery_id=key).values_list("pk", flat=True).first()
    if existing is not None:
        return str(existing)
    if parent.depth + 1 > DEPTH_LIMIT:
        raise StepError(too_deep(), code="too_deep")
    workflow = _target(parent, reference)
    occurrence = Occurrence(
        kind=WORKFLOW,
        input={"data": payload},
        received_at=stamp(),
        delivery_id=key,
        correlation=parent.correlation,
        parent=parent.pk,
        depth=parent.depth + 1,
    )
    try:
        return str(start(None, workflow.pk, occurrence).run_id)
    except Refusal as refused:
        raise StepError(refused.message, code=refused.code) from refused


def _target(parent: Run, reference: str) -> Workflow:
    """A workflow of the parent's scope or an inner one, by id or exact name; the nearest scope wins."""
    reachable = Workflow.objects.unarchived().filter(scope__in=Scope.objects.inside([parent.scope_id]))
    by_id = (
        reachable.filter(pk=int(reference)).first() if reference.isascii() and reference.isdigit() else None
    )
    found = by_id or reachable.filter(name=reference, scope=parent.scope_id).first()
    if found is not None:
        return found
    inner = list(reachable.filter(name=reference)[:2])
    if len(inner) == 1:
        return inner[0]
    known = (
        _("More than one workflow is called %(name)s; give its id.")
        if inner
        else _("There is no workflow %(name)s here.")
    )
    raise StepError(known % {"name": reference}, code="unknown_workflow")
