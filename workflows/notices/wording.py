"""What notices about a change of status say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.web import time
from workflows.models import Workflow


@dataclass(frozen=True)
class Words:
    """One line, what happened, and what to do next."""

    title: str
    text: str
    advice: str


def paused(workflow: Workflow, reason: str, figures: Mapping[str, Any]) -> Words:
    """Somebody, or the system, paused it."""
    if workflow.auto_resume:
        advice = _("It resumes by itself at the expected time if its checks pass. Until then nothing starts.")
    elif workflow.resume_expected_at:
        advice = _("Resume it at the expected time; after that it is shown as Overdue.")
    else:
        advice = _("Resume it when the reason is gone. What is held is shown first.")
    return Words(
        _("%(name)s is paused") % {"name": workflow.name},
        "\n".join([_who(workflow, reason), *_expected(workflow), *_left(figures)]),
        advice,
    )


def paused_by_rule(workflow: Workflow, reason: str, figures: Mapping[str, Any]) -> Words:
    """The failure rule paused it."""
    return Words(
        _("%(name)s was paused by its failure rule") % {"name": workflow.name},
        "\n".join([_sentence(reason), *_left(figures)]),
        _("Look at the failed runs, mend the cause, then resume. Runs that failed before count no more."),
    )


def failing(workflow: Workflow, sentence: str) -> Words:
    """The failure rule warns, and does no more."""
    return Words(
        _("%(name)s fails above its failure rule") % {"name": workflow.name},
        _sentence(sentence),
        _("It goes on running. Look at the failed runs; pause it if they do harm."),
    )


def stopped(workflow: Workflow, reason: str, figures: Mapping[str, Any]) -> Words:
    """Somebody stopped it."""
    cancelled = figures.get("cancelled", 0)
    line = ngettext("%(n)d run was cancelled.", "%(n)d runs were cancelled.", cancelled)
    return Words(
        _("%(name)s is stopped") % {"name": workflow.name},
        "\n".join([_who(workflow, reason), *([line % {"n": cancelled}] if cancelled else [])]),
        _("Senders are told that it is gone (410). Start it again to take their triggers."),
    )


def stopped_by_system(workflow: Workflow, reason: str, figures: Mapping[str, Any]) -> Words:
    """The system stopped it, with a cause."""
    cause = _("Cause: %(cause)s.") % {"cause": workflow.get_cause_display()}
    return Words(
        _("%(name)s was stopped by the system") % {"name": workflow.name},
        "\n".join([_who(workflow, reason), cause, *_left(figures)]),
        _("Mend the cause and start it. What came meanwhile is held and released then, at its pace."),
    )


def resumed(workflow: Workflow, reason: str, figures: Mapping[str, Any]) -> Words:
    """It runs again."""
    by = _("%(by)s resumed it.") % {"by": workflow.status_by}
    released = figures.get("released", 0)
    line = ngettext(
        "%(n)d held trigger or run is released.", "%(n)d held triggers and runs are released.", released
    )
    return Words(
        _("%(name)s runs again") % {"name": workflow.name},
        "\n".join([by, *([line % {"n": released}] if released else [])]),
        _("Watch its first runs on its page."),
    )


def overdue(workflow: Workflow) -> Words:
    """The time to resume has passed, and it is still paused."""
    why = _("It was to resume by itself, but: %(why)s") % {"why": workflow.auto_resume_failed}
    return Words(
        _("%(name)s is overdue") % {"name": workflow.name},
        "\n".join(
            [
                _who(workflow, workflow.reason),
                *_expected(workflow),
                *([why] if workflow.auto_resume_failed else []),
            ]
        ),
        _("Resume it, or change the pause and say until when it lasts."),
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _who(workflow: Workflow, reason: str) -> str:
    text = _("By %(by)s: %(reason)s") if reason else _("By %(by)s.")
    return text % {"by": workflow.status_by, "reason": reason}


def _expected(workflow: Workflow) -> list[str]:
    moment = workflow.resume_expected_at
    return [_("Expected to resume: %(at)s.") % {"at": time.human(moment)}] if moment else []


def _left(figures: Mapping[str, Any]) -> list[str]:
    finishing, held = figures.get("finishing", 0), figures.get("held", 0)
    lines = []
    if finishing:
        line = ngettext("%(n)d run is finishing.", "%(n)d runs are finishing.", finishing)
        lines.append(line % {"n": finishing})
    if held:
        line = ngettext("%(n)d trigger or run is held.", "%(n)d triggers and runs are held.", held)
        lines.append(line % {"n": held})
    return lines
