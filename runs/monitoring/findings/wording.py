"""What a finding says, in plain words: one sentence with its numbers, and what to do next."""

import json
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.web import time
from runs.models import Finding
from runs.monitoring.detecting.verdicts import Kind


def sentence(finding: Finding) -> str:
    """What was seen, at its strongest, and what is usual."""
    return _SENTENCES[Kind(finding.kind)](finding, json.loads(finding.facts))


def advice(finding: Finding) -> str:
    """What to do next."""
    return {
        Kind.FAILURES: _("Open the failed runs, which share a cause more often than not. Pause the workflow if they do harm."),
        Kind.SPIKE: _("See who sends so much. Limits of the workflow (starts per minute, runs at once) keep it in bounds."),
        Kind.SILENCE: _("See whether its senders still send, and whether its address, its secret or its schedule has changed."),
        Kind.DURATION: _("Compare the steps of a slow run with those of an earlier one. A system that it calls may have changed."),
        Kind.SLOW_SCHEDULE: _("Run it less often, make it faster, or choose an overlap rule that fits."),
    }[Kind(finding.kind)]  # fmt: skip


def closing(finding: Finding) -> str:
    """Why it is closed; empty while it stands."""
    return {
        "gone": _("The condition is gone."),
        "paused": _("The workflow was paused."),
        "not_running": _("The workflow does not run any more."),
    }.get(finding.closed_because, "")


def _failures(finding: Finding, facts: dict[str, Any]) -> str:
    return _("%(failed)s of %(ended)s runs failed (%(ratio)s); usual is %(usual)s.") % {
        "failed": _number(facts["failed"]),
        "ended": _number(facts["ended"]),
        "ratio": _percent(finding.observed),
        "usual": _percent(finding.expected),
    }


def _spike(finding: Finding, facts: dict[str, Any]) -> str:
    runs = ngettext("%(n)s run ended", "%(n)s runs ended", int(finding.observed))
    return _("%(runs)s within an hour; usual at this time is %(usual)s.") % {
        "runs": runs % {"n": _number(finding.observed)},
        "usual": _about(finding.expected),
    }


def _silence(finding: Finding, facts: dict[str, Any]) -> str:
    gap = finding.window_to - finding.window_from
    return _("No run for %(gap)s; by its own weeks %(usual)s should have come.") % {
        "gap": time.duration(gap),
        "usual": _about(finding.expected),
    }


def _duration(finding: Finding, facts: dict[str, Any]) -> str:
    texts = {
        "runs": _number(facts["runs"]),
        "now": _length(finding.observed),
        "usual": _length(finding.expected),
    }
    if finding.observed >= finding.expected:
        return _("Half of %(runs)s runs took longer than %(now)s; usual is %(usual)s.") % texts
    return _("Half of %(runs)s runs took less than %(now)s; usual is %(usual)s.") % texts


def _slow_schedule(finding: Finding, facts: dict[str, Any]) -> str:
    return _("%(late)s of %(runs)s runs took longer than the %(interval)s between two occurrences.") % {
        "late": _number(facts["late"]),
        "runs": _number(facts["runs"]),
        "interval": _length(finding.expected),
    }


_SENTENCES = {
    Kind.FAILURES: _failures,
    Kind.SPIKE: _spike,
    Kind.SILENCE: _silence,
    Kind.DURATION: _duration,
    Kind.SLOW_SCHEDULE: _slow_schedule,
}


def _number(value: float) -> str:
    return f"{int(value):,}"


def _about(value: float) -> str:
    """A mean: with a decimal where it is small."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _percent(ratio: float) -> str:
    percent = 100 * ratio
    return (f"{percent:.0f}" if percent >= 10 else f"{percent:.1f}") + "\u00a0%"


def _length(milliseconds: float) -> str:
    return time.duration(timedelta(milliseconds=round(milliseconds)))
