"""Resume: what was held is asked for before the gate opens."""

from typing import Any, Final

from django.utils.translation import gettext as _

from audit.services import change
from workflows import checking, connections, effects
from workflows.definition.findings import Finding
from workflows.lifecycle import GuardRefused, Status
from workflows.models import Connection, Workflow
from workflows.services.acting import Case, VerbResult, WorkflowGone, act, record_held
from workflows.services.entering import enter
from workflows.services.values import clean_choice, refuse

HELD: Final = ("release", "discard", "keep")
MISSED: Final = ("once", "none")
PACE_MOST: Final = 100_000


def resume_preview(pk: int) -> dict[str, Any]:
    """What a resume would meet: who paused and why, checks made now, what is held, skipped and overdue.

    Tests the workflow's connections now, which may take some seconds. Raises WorkflowGone.
    """
    workflow = _standing(pk)
    connections.test_all(connections.of_workflow(workflow))
    findings = pre_resume_findings(workflow)
    return {
        "paused_by": workflow.status_by,
        "paused_at": workflow.paused_at,
        "reason": workflow.reason,
        "category": workflow.category,
        "resume_expected_at": workflow.resume_expected_at,
        "overdue": workflow.is_overdue,
        "revision": workflow.revision,
        "ok": not any(finding.level == "error" for finding in findings),
        "findings": [finding.as_dict() for finding in findings],
        **effects.perform("resume_preview", workflow),
    }


def _standing(pk: int) -> Workflow:
    found = Workflow.objects.standing().select_related("scope", "published", "draft").filter(pk=pk).first()
    if found is None:
        raise WorkflowGone(_("There is no such workflow."))
    return found


def pre_resume_findings(workflow: Workflow) -> list[Finding]:
    """Errors of the published definition, and connections that do not answer, by their last test.

    Warnings that were accepted at the start are not asked about again.
    """
    silent = [c for c in connections.of_workflow(workflow) if c.health in (c.Health.FAILING, c.Health.DOWN)]
    return definition_errors(workflow) + [_unavailable(connection) for connection in silent]


def definition_errors(workflow: Workflow) -> list[Finding]:
    """What in the published definition stops a resume, whatever the connections say."""
    result = checking.check_workflow(workflow, version=workflow.published)
    return [finding for finding in result.findings if finding.level == "error"]


def _unavailable(connection: Connection) -> Finding:
    return Finding(
        level="error",
        code="connection_unavailable",
        path=f"connections.{connection.name}",
        message=_("Connection %(name)s does not answer: %(why)s")
        % {"name": connection.name, "why": connection.health_message or connection.get_health_display()},
        fix=_("Wait until it answers, or mend the connection and test it."),
    )


def resume(
    pk: int,
    *,
    held: str = "release",
    held_runs: str = "",
    missed_ticks: str = "none",
    pace: int | None = None,
    accept_warnings: bool = False,
    revision: int | None = None,
    test_first: bool = True,
) -> VerbResult:
    """Open the gate. Figures: `released`, `discarded`, `kept` (runs of both classes).

    `held` (release, discard, keep) is for triggers that have not started, `held_runs` for runs held at a
    boundary (the same unless said). Released runs start oldest first, `pace` a minute (else by the
    definition). `missed_ticks` once: one run for the schedule ticks that were skipped. Connections are tested
    first, outside the transaction, unless the caller has just done so (`test_first`). Raises GuardRefused for errors, for warnings unless accepted, and
    ValueRefused.
    """
    chosen = _choices(held, held_runs or held, missed_ticks, pace)
    if test_first:
        test_connections(pk)

    def apply(case: Case) -> None:
        _require_checks(case.workflow, accept_warnings)
        paused_at = case.workflow.paused_at
        enter(case.workflow, Status.ACTIVE, case.moment)
        case.workflow.activated_at = case.moment
        case.effect(paused_at=paused_at, **chosen)

    with change():
        result = act("resume", pk, apply, revision=revision)
        record_held(result)
    return result


def test_connections(pk: int) -> None:
    """Test what a paused workflow uses, before it is resumed. Takes seconds; never inside a transaction."""
    workflow = _standing(pk)
    if workflow.status == Status.PAUSED:
        connections.test_all(connections.of_workflow(workflow))


def _choices(held: str, held_runs: str, missed_ticks: str, pace: int | None) -> dict[str, Any]:
    if pace is not None and not 1 <= pace <= PACE_MOST:
        raise refuse("pace", "out_of_range", _("The pace is 1 to %(most)d a minute.") % {"most": PACE_MOST})
    return {
        "held": clean_choice("held", held, HELD),
        "held_runs": clean_choice("held_runs", held_runs, HELD),
        "missed_ticks": clean_choice("missed_ticks", missed_ticks, MISSED),
        "pace": pace,
    }


def _require_checks(workflow: Workflow, accept_warnings: bool) -> None:
    findings = pre_resume_findings(workflow)
    stopping = [finding for finding in findings if finding.level == "error" or not accept_warnings]
    if stopping:
        raise GuardRefused(
            _("The checks before resuming failed."), [finding.as_dict() for finding in findings]
        )
