"""A watched launch: limited at the start, widened as it goes well, until all triggers become runs."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from audit.services import change
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.launch import FIRST, FIRST_MOST, SCOPE, SHARE, WHOLE, Launch
from workflows.lifecycle import Status
from workflows.models import Scope, Version, Workflow
from workflows.services.acting import Case, VerbResult, act, record_held
from workflows.services.entering import end_launch
from workflows.services.values import refuse

EVENT = "event"


def launch_of(
    *, first: int | None = None, share: Decimal | None = None, only_scope: str = ""
) -> Launch | None:
    """The limit that was asked for; None for no limit. Raises ValueRefused: out of range, or more than one given."""
    given = [first is not None, share is not None, bool(only_scope)]
    if sum(given) > 1:
        raise refuse("launch", "one_limit", _("A launch has one limit."), _("Give one of the three."))
    if first is not None:
        if not 1 <= first <= FIRST_MOST:
            message = _("The first 1 to %(most)d triggers can be let through.") % {"most": FIRST_MOST}
            raise refuse("first", "out_of_range", message)
        return Launch(FIRST, first)
    if share is not None:
        least = Decimal(1) / WHOLE
        if not share.is_finite() or not least <= share <= 1 - least:
            message = _("A share lies between 0.0001 and 0.9999.")
            raise refuse("share", "out_of_range", message, _("0.1 means one trigger in ten."))
        return Launch.of_share(share)
    return Launch(SCOPE, scope=only_scope) if only_scope else None


def begin_launch(workflow: Workflow, launch: Launch | None, version: Version | None) -> None:
    """Set the limit on a workflow that is being started with a version; raises ValueRefused where it cannot work."""
    end_launch(workflow)
    if launch is None:
        return
    if launch.kind == SCOPE:
        _require_scope(workflow, launch.scope, version)
    workflow.launch = str(launch)


def scopes_inside(workflow: Workflow) -> list[Scope]:
    """The hubs and cards to which a launch of the workflow may be limited."""
    inside = Scope.objects.inside([workflow.scope_id]).exclude(pk=workflow.scope_id)
    return list(inside.order_by("ref"))


def hears_events(version: Version | None) -> bool:
    """Whether a version has an event trigger: nothing else brings a scope of its own."""
    try:
        triggers = compile_definition(version.definition).triggers if version else []
    except DefinitionRefused:
        return False
    return any(trigger.kind == EVENT for trigger in triggers)


def _require_scope(workflow: Workflow, ref: str, version: Version | None) -> None:
    if ref not in {scope.ref for scope in scopes_inside(workflow)}:
        raise refuse(
            "only_scope",
            "scope_not_inside",
            _("%(ref)s is no hub or card inside %(scope)s.") % {"ref": ref, "scope": workflow.scope.ref},
            _("Choose a hub or card of the workflow's own scope."),
        )
    if not hears_events(version):
        raise refuse(
            "only_scope",
            "no_event_trigger",
            _(
                "Only events bring a scope, and the workflow has no event trigger: every trigger would be held."
            ),
            _("Start with a share or with the first few triggers."),
        )


def widen(pk: int, to: Launch | None, *, revision: int | None = None) -> VerbResult:
    """Let more triggers through: up to a larger limit of the same kind, or all (None), which ends the launch.

    What the wider limit would have let through so far is released, oldest first, at the workflow's pace. Figure:
    `released`. Raises ValueRefused for a limit that is not wider.
    """

    def apply(case: Case) -> None:
        case.effect(count=_owed(case.workflow, to))
        if to is None:
            end_launch(case.workflow)
        else:
            case.workflow.launch = str(to)

    with change():
        result = act("widen", pk, apply, revision=revision, settled=_wide_already(to))
        record_held(result)
    return result


def _wide_already(to: Launch | None) -> Callable[[Workflow], str]:
    def sentence(workflow: Workflow) -> str:
        if workflow.status != Status.ACTIVE:
            return ""
        if not workflow.launch:
            return _("Nothing to do: all triggers become runs already.")
        return _("Nothing to do: this is its limit already.") if to == workflow.limit else ""

    return sentence


def _owed(workflow: Workflow, to: Launch | None) -> int | None:
    """How many held triggers a wider limit lets go; None for all."""
    now = workflow.limit
    if to is None or now is None:
        return None
    if not to.is_wider_than(now):
        field = {FIRST: "first", SHARE: "share", SCOPE: "only_scope"}[to.kind]
        message = _("This is not wider than the present limit, %(limit)s.") % {"limit": now.words}
        raise refuse(
            field, "not_wider", message, _("Give a larger one of the same kind, or let all through.")
        )
    seen: dict[str, Any] = {"count": workflow.launch_seen, "seed": workflow.pk}
    return to.let(**seen) - now.let(**seen)
