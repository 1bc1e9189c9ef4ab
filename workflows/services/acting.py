"""The frame of every verb: one transaction that locks, checks, changes, writes history and audit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from audit.chain import instant
from audit.models import AuditEvent
from audit.services import Subject, change, history_id, record
from audit.verbs import AuditWord
from config.clock import stamp
from config.failpoints import failpoint
from workflows import effects
from workflows.lifecycle import TRANSITIONS, Gone, Stale, Transition, TransitionRefused
from workflows.models import Workflow
from workflows.notices import telling


class WorkflowGone(Gone):
    """There is no such workflow, or it was deleted. Commands and the API tell it like a refusal: `not_found`."""


@dataclass(frozen=True)
class VerbResult:
    """What a verb did. `changed` is False when its target already held; `message` is a sentence for people."""

    changed: bool
    workflow: Workflow
    message: str = ""
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass
class Case:
    """One verb at work on one locked workflow. `moment` was read after the lock was held."""

    workflow: Workflow
    transition: Transition
    moment: datetime
    before: dict[str, Any]
    figures: dict[str, Any] = field(default_factory=dict)
    history: dict[str, int] = field(default_factory=dict)

    def effect(self, name: str = "", **data: Any) -> dict[str, Any]:
        """Let the runs app do its part; its figures join those of the result."""
        given = effects.perform(
            name or self.transition.effect, self.workflow, {"moment": self.moment, **data}
        )
        self.figures.update(given)
        return given


def lock(pk: int) -> Workflow:
    """The workflow, its row locked until the transaction ends; raises WorkflowGone.

    On SQLite the transaction itself is IMMEDIATE and therefore the lock.
    """
    rows = Workflow.objects.standing().select_related("scope", "owner", "published", "draft")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(of=("self",), no_key=True)
    workflow = rows.filter(pk=pk).first()
    if workflow is None:
        raise WorkflowGone(_("There is no such workflow."))
    return workflow


def facts(workflow: Workflow) -> dict[str, Any]:
    """What audit events compare: everything about a workflow that a verb may change, as plain values."""
    return {
        "name": workflow.name,
        "scope": workflow.scope.ref,
        "description": workflow.description,
        "tags": workflow.tags,
        "owner": workflow.owner.get_username() if workflow.owner else None,
        "status": workflow.status,
        "cause": workflow.cause or None,
        "reason": workflow.reason or None,
        "category": workflow.category or None,
        "paused_at": instant(workflow.paused_at) if workflow.paused_at else None,
        "resume_expected_at": instant(workflow.resume_expected_at) if workflow.resume_expected_at else None,
        "auto_resume": workflow.auto_resume,
        "in_flight": workflow.in_flight_choice or None,
        "triggers": workflow.triggers_choice or None,
        "launch": workflow.launch or None,
        "published_version": workflow.published.number if workflow.published else None,
        "draft_version": workflow.draft.number if workflow.draft else None,
    }


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two halves of what changed, key by key."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def subject_of(workflow: Workflow) -> Subject:
    """The workflow as the subject of an audit event."""
    return Subject("workflow", str(workflow.pk), workflow.name, workflow.scope_id)


def act(
    verb: str,
    pk: int,
    apply: Callable[[Case], None],
    *,
    revision: int | None = None,
    settled: Callable[[Workflow], str] | None = None,
    reason: str = "",
    word: AuditWord | None = None,
) -> VerbResult:
    """Perform one verb as one transaction.

    `settled` says, in a sentence, that nothing is to be done (else ""); by default from the table. `apply`
    changes the locked workflow and calls the effect. Raises WorkflowGone, TransitionRefused, Stale, and
    whatever `apply` refuses; then nothing has changed. Sent twice, the second answers `changed=False`.
    """
    transition = TRANSITIONS[verb]
    with change():
        workflow = lock(pk)
        nothing = (settled or _settled(transition))(workflow)
        if nothing:
            return VerbResult(False, workflow, nothing)
        require_source(workflow, transition)
        require_revision(workflow, revision)
        case = Case(workflow, transition, stamp(), facts(workflow))
        apply(case)
        save(workflow)
        failpoint("K16")
        telling.tell(workflow, word or transition.word, reason, case.figures)
        _record(case, word or transition.word, reason)
    return VerbResult(True, workflow, figures=case.figures)


def save(workflow: Workflow) -> None:
    """Store a changed workflow under its next revision."""
    workflow.revision += 1
    workflow.save()


def _record(case: Case, word: AuditWord | None, reason: str) -> None:
    if word is None:
        return
    before, after = differences(case.before, facts(case.workflow))
    newest = history_id(case.workflow)
    links = case.history | ({"workflow": newest} if newest else {})
    record(
        word,
        subject_of(case.workflow),
        before=before,
        after=after | case.figures,
        reason=reason,
        history=links,
    )


def _settled(transition: Transition) -> Callable[[Workflow], str]:
    def sentence(workflow: Workflow) -> str:
        if workflow.status not in transition.settled:
            return ""
        return already(workflow)

    return sentence


def already(workflow: Workflow) -> str:
    """That a workflow has its status already, since when and by whom."""
    if not workflow.status_at:
        return _("Nothing to do: already %(status)s.") % {"status": workflow.get_status_display()}
    return _("Nothing to do: already %(status)s since %(at)s by %(by)s.") % {
        "status": workflow.get_status_display(),
        "at": instant(workflow.status_at),
        "by": workflow.status_by,
    }


def require_source(workflow: Workflow, transition: Transition) -> None:
    """Raises TransitionRefused when the verb does not start from the present status."""
    if workflow.status in transition.sources:
        return
    raise TransitionRefused(
        _("%(label)s is not possible while the workflow is %(status)s.")
        % {"label": str(transition.label).rstrip("…"), "status": workflow.get_status_display()}
    )


def require_revision(workflow: Workflow, revision: int | None) -> None:
    """Raises Stale, saying who changed what since, when the caller saw an older revision."""
    if revision is not None and revision != workflow.revision:
        raise stale(workflow)


def stale(workflow: Workflow) -> Stale:
    """The refusal that says who changed what since the caller looked."""
    newest = AuditEvent.objects.filter(subject_kind="workflow", subject_id=str(workflow.pk)).first()
    what = f"{newest.event}, {newest.actor_label}, {instant(newest.time)}" if newest else ""
    return Stale(
        _("The workflow changed since you looked: %(what)s. Look at its present state and try again.")
        % {"what": what or workflow.get_status_display()}
    )


def record_held(result: VerbResult) -> None:
    """The events about what was held, after the one of the verb and in its transaction: what the verb let go or ended."""
    subject = subject_of(result.workflow)
    for figure, word in (
        ("released", AuditWord.RELEASE_STARTED),
        ("discarded", AuditWord.HELD_TRIGGERS_DISCARDED),
    ):
        if result.changed and result.figures.get(figure):
            record(word, subject, after={figure: result.figures[figure]})


@contextmanager
def locked_change(pk: int) -> Iterator[Workflow]:
    """For what is no verb of the table: a transaction with the workflow locked. The caller saves and records."""
    with change():
        yield lock(pk)
