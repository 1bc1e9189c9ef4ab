"""What people read about a run: why it stands where it stands, and what to do about an error."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.web import time
from runs.models import Run, RunStatus
from workflows.triggers.base import kinds

Text = str | Promise

# By status and stored reason: product.md, section 5, and what the engine writes.
REASONS: Final[Mapping[tuple[str, str], Text]] = {
    (RunStatus.SKIPPED, "paused"): _("It came while the workflow was paused and its triggers were skipped."),
    (RunStatus.SKIPPED, "not running"): _("It came while the workflow was not running."),
    (RunStatus.SKIPPED, "overlap"): _("The run before it had not ended, and this schedule does not overlap."),
    (RunStatus.SKIPPED, "rate limit"): _("More came than the workflow may keep."),
    (RunStatus.SKIPPED, "expired"): _("It was held longer than triggers are kept."),
    (RunStatus.SKIPPED, "discarded"): _("Somebody discarded it while it was held."),
    (RunStatus.SKIPPED, "outage"): _("It was due while Signalbox itself was down."),
    (RunStatus.SKIPPED, "launch"): _(
        "It was due while a watched launch let only a part of the triggers through."
    ),
    (RunStatus.HELD, "launch"): _(
        "A watched launch lets only a part of the triggers through. Widen it, or release this one."
    ),
    (RunStatus.HELD, "paused"): _("The workflow was paused. It goes on when the workflow is resumed."),
    (RunStatus.HELD, "not running"): _("The system stopped the workflow. It goes on when that runs again."),
    (RunStatus.HELD, "releasing"): _("It is being released, oldest first, at the workflow's pace."),
    (RunStatus.HELD, "kept"): _("It was kept back when the workflow was resumed. Release or discard it."),
    (RunStatus.CANCELLED, "cancelled"): _("Somebody cancelled it."),
    (RunStatus.CANCELLED, "killed"): _("Somebody killed it."),
    (RunStatus.CANCELLED, "paused"): _("The workflow was paused, and what was in flight was cancelled."),
    (RunStatus.CANCELLED, "stopped"): _("The workflow was stopped."),
    (RunStatus.CANCELLED, "deleted"): _("The workflow was deleted."),
    (RunStatus.CANCELLED, "discarded"): _("Somebody discarded it while it was held."),
    (RunStatus.WAITING, "delay"): _("A step waits."),
    (RunStatus.WAITING, "retry"): _("A step failed and will be tried again."),
    (RunStatus.WAITING, "child"): _("It waits for the run that it started."),
    (RunStatus.WAITING, "worker stopped"): _("Its worker was stopped; it goes on with the next one."),
    (RunStatus.WAITING, "host busy"): _("The target does not answer other runs; it goes on when it does."),
    (RunStatus.WAITING, "database"): _("The database did not answer; it goes on when it does."),
    (RunStatus.WAITING, "decided"): _("A decision was taken; it goes on."),
    (RunStatus.WAITING, "released"): _("It was released; it goes on when it is due and a place is free."),
    (RunStatus.NEEDS_DECISION, "unknown outcome"): _(
        "The worker died after sending; whether the target acted is unknown."
    ),
}

_ELSEWHERE: Final = _("Look whether the other system is up, then replay from the failed step.")
_DEFINITION: Final = _("Mend the step in the draft, publish, and replay with the published version.")
_INPUT: Final = _("Look at the input. Replay with a corrected one, or make the step bear such values.")

ADVICE: Final[Mapping[str, Text]] = {
    "bad_delay": _DEFINITION,
    "bad_request": _DEFINITION,
    "bad_value": _INPUT,
    "cancelled": _("Replay it when you want it done after all."),
    "condition_failed": _INPUT,
    "connect_failed": _ELSEWHERE,
    "connection_incomplete": _("Set the connection's secret, then replay from the failed step."),
    "connection_lost": _ELSEWHERE,
    "connection_missing": _("Create the connection, or choose another one in the draft; then replay."),
    "connection_unavailable": _("Mark the connection as up when it answers again, then replay."),
    "context_too_large": _("Let the steps pass less on: keep only the fields that later steps read."),
    "definition_refused": _(
        "This release cannot read the version. Publish a mended one, and replay with it."
    ),
    "delay_too_long": _DEFINITION,
    "dns_failed": _("Check the address of the step or of its connection, then replay from the failed step."),
    "egress_refused": _("Requests may not go to this address. An administrator can allow it; then replay."),
    "finished": _("The workflow ends this run as failed on purpose; its message says why."),
    "host_busy": _ELSEWHERE,
    "mail_failed": _("Look whether the mail server is up, then replay from the failed step."),
    "mail_refused": _("Check the recipients, then replay with a corrected input."),
    "no_such_time": _DEFINITION,
    "not_a_list": _INPUT,
    "not_possible_now": _("Start or resume the other workflow, then replay from the failed step."),
    "protocol_error": _ELSEWHERE,
    "request_refused": _DEFINITION,
    "run_timeout": _("See which step took so long. Raise the time-out, or replay from the failed step."),
    "secret_unreadable": _("Set the connection's secret anew, then replay from the failed step."),
    "template_failed": _INPUT,
    "timed_out": _("The target may have acted all the same: look there before you replay."),
    "tls_failed": _(
        "The certificate of the other side is not accepted. It must be mended there; then replay."
    ),
    "too_deep": _("Workflows start one another in a chain that is too long. Shorten it."),
    "too_many_items": _("Split the list before it comes here, or let another workflow take a part."),
    "unexpected": _("Support finds the cause in the server's log by the run's id. Then replay."),
    "unexpected_status": _("The answer in the output says why. Mend what was sent, or wait; then replay."),
    "unknown_outcome": _("Look in the target whether it acted, then decide."),
    "unknown_workflow": _("Name a workflow of this scope in the step, publish, and replay."),
    "worker_died": _("Look in the target whether the step acted before you replay from it."),
}
DEFAULT_ADVICE: Final = _("Look at the step's input and output, mend the cause, and replay.")

RETRIED: Final = _("Nothing yet: it is tried again by itself.")

FROM_WORKFLOW: Final = "workflow"


def trigger_labels() -> dict[str, Text]:
    """What the kinds of trigger are called, with that of runs that another run started."""
    return {name: kind.label for name, kind in kinds().items()} | {FROM_WORKFLOW: _("Another workflow")}


def advice(code: str) -> Text:
    """What to do next about an error; empty without one."""
    return ADVICE.get(code, DEFAULT_ADVICE) if code else ""


def reason_of(run: Run) -> Text:
    """Why a run stands where it stands, in a sentence; empty where there is nothing to say."""
    return REASONS.get((run.status, run.reason), run.reason)


def until(run: Run) -> Any:
    """Until when it waits or is kept; None where there is no such moment."""
    if run.status == RunStatus.WAITING:
        return run.due_at
    return run.held_until if run.status == RunStatus.HELD else None


def clock(moment: Any) -> str:
    """ "09:15:10 CET" today, else with its day: for moments that are near."""
    local = timezone.localtime(moment)
    if local.date() != timezone.localdate():
        return time.human(moment, precision="second")
    return f"{local:%H:%M:%S} {time.zone_name(local)}"
