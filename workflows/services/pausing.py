"""Pause and change pause: the gate closes first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from audit import context
from audit.verbs import AuditWord
from workflows import effects
from workflows.lifecycle import Status
from workflows.models import Workflow
from workflows.services.acting import Case, VerbResult, act
from workflows.services.entering import enter
from workflows.services.values import clean_choice, clean_future, clean_reason, refuse

CATEGORIES: Final = ("maintenance", "outage", "failures", "rule change", "testing", "season", "other")
IN_FLIGHT: Final = ("finish", "hold", "cancel")
TRIGGERS: Final = ("hold", "skip")


class Unchanged:
    """The type of UNCHANGED: a value that the caller did not give."""


UNCHANGED: Final = Unchanged()


def pause(
    pk: int,
    *,
    reason: str,
    category: str = "",
    until: datetime | None = None,
    auto_resume: bool = False,
    in_flight: str = "",
    triggers: str = "",
    revision: int | None = None,
    word: AuditWord | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> VerbResult:
    """Suspend on purpose. After the answer no run of this workflow starts later than figures["paused_at"].

    `until` is the expected resume; with `auto_resume` the system resumes then. `in_flight` (finish, hold,
    cancel) says what runs in progress do: finish for a person, hold for a rule unless said. `triggers` (hold,
    skip) what happens to webhooks and events meanwhile: by the definition unless said. Figures besides:
    `finishing`, `held`, `cancelled`; `evidence` joins them, for the event of a rule. Raises ValueRefused; never refused for an invalid configuration.
    """
    reason = check_pause(reason, category, until, auto_resume, in_flight, triggers)
    chosen = in_flight or default_in_flight()

    def apply(case: Case) -> None:
        workflow = case.workflow
        figures = effects.perform("paused", workflow, {"moment": case.moment, "in_flight": chosen})
        # T is never before the newest start, even when the clock stepped back (reliability.md, rule 5).
        paused_at = max(case.moment, figures.pop("newest_start") or case.moment)
        enter(workflow, Status.PAUSED, paused_at, reason=reason)
        workflow.paused_at, workflow.category = paused_at, category
        workflow.resume_expected_at, workflow.auto_resume = until, auto_resume
        workflow.in_flight_choice, workflow.triggers_choice = chosen, triggers
        workflow.is_draining = figures["finishing"] > 0
        case.figures.update(figures, paused_at=paused_at, **(evidence or {}))

    return act("pause", pk, apply, revision=revision, reason=reason, word=word)


def check_pause(
    reason: str,
    category: str = "",
    until: datetime | None = None,
    auto_resume: bool = False,
    in_flight: str = "",
    triggers: str = "",
) -> str:
    """The clean reason; raises ValueRefused for whatever a pause would refuse."""
    text = clean_reason(reason)
    clean_choice("category", category, CATEGORIES)
    clean_choice("in_flight", in_flight, IN_FLIGHT)
    clean_choice("triggers", triggers, TRIGGERS)
    clean_future("until", until)
    _require_until(auto_resume, until)
    return text


def default_in_flight() -> str:
    """finish when a person pauses, hold when a rule or the system does."""
    return "hold" if context.current().actor.kind in ("rule", "system") else "finish"


def _require_until(auto_resume: bool, until: datetime | None) -> None:
    if auto_resume and until is None:
        raise refuse(
            "until",
            "needs_expected_resume",
            _("To resume automatically, an expected resume time is needed."),
            _("Give the expected resume, or resume by hand."),
        )


def change_pause(
    pk: int,
    *,
    reason: str | None = None,
    category: str | None = None,
    until: datetime | Unchanged | None = UNCHANGED,
    auto_resume: bool | None = None,
    revision: int | None = None,
) -> VerbResult:
    """Say anew why a workflow is paused and until when; what is not given stays. Raises ValueRefused."""
    given: dict[str, Any] = {}
    if reason is not None:
        given["reason"] = clean_reason(reason)
    if category is not None:
        given["category"] = clean_choice("category", category, CATEGORIES)
    if not isinstance(until, Unchanged):
        given["resume_expected_at"] = clean_future("until", until)
    if auto_resume is not None:
        given["auto_resume"] = auto_resume

    def settled(workflow: Workflow) -> str:
        same = all(getattr(workflow, name) == value for name, value in given.items())
        return (
            _("Nothing to do: the pause says so already.")
            if workflow.status == Status.PAUSED and same
            else ""
        )

    def apply(case: Case) -> None:
        for name, value in given.items():
            setattr(case.workflow, name, value)
        case.workflow.auto_resume_failed = ""
        _require_until(case.workflow.auto_resume, case.workflow.resume_expected_at)

    return act("change-pause", pk, apply, revision=revision, settled=settled, reason=given.get("reason", ""))
