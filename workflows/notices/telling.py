"""Which changes of a workflow are told, and which incidents they end. Called by the frame of every verb."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from audit.verbs import AuditWord
from workflows.models import NoticeKind, Workflow
from workflows.notices import outbox, wording
from workflows.notices.wording import Words

Kind = NoticeKind
Wording = Callable[[Workflow, str, Mapping[str, Any]], Words]

TOLD: Final[Mapping[AuditWord, tuple[NoticeKind, Wording]]] = {
    AuditWord.WORKFLOW_PAUSED: (Kind.PAUSED, wording.paused),
    AuditWord.WORKFLOW_PAUSED_BY_RULE: (Kind.FAILURE_RULE, wording.paused_by_rule),
    AuditWord.WORKFLOW_STOPPED: (Kind.STOPPED, wording.stopped),
    AuditWord.WORKFLOW_STOPPED_BY_SYSTEM: (Kind.STOPPED_BY_SYSTEM, wording.stopped_by_system),
    AuditWord.WORKFLOW_RESUMED: (Kind.RESUMED, wording.resumed),
}
MOVES: Final = frozenset(TOLD) | {
    AuditWord.WORKFLOW_ACTIVATED,
    AuditWord.WORKFLOW_ARCHIVED,
    AuditWord.WORKFLOW_DELETED,
}
"""The words after which a workflow stands elsewhere: whatever was told of where it stood is over."""

STANDING: Final = (
    Kind.PAUSED,
    Kind.STOPPED,
    Kind.STOPPED_BY_SYSTEM,
    Kind.FAILURE_RULE,
    Kind.OVERDUE,
)


def tell(workflow: Workflow, word: AuditWord | None, reason: str, figures: Mapping[str, Any]) -> None:
    """Raise the notice of a change that was just made, and close those that it ends; nothing for other words."""
    if word in MOVES:
        outbox.close_all(workflow, STANDING)
    elif word == AuditWord.PAUSE_CHANGED:
        outbox.close_all(workflow, (Kind.OVERDUE,))
    if word is not None and word in TOLD:
        kind, words = TOLD[word]
        said = words(workflow, reason, figures)
        outbox.raise_(
            kind,
            f"{kind}:{workflow.pk}",
            workflow=workflow,
            title=said.title,
            text=said.text,
            advice=said.advice,
            facts=figures,
            is_over=kind == Kind.RESUMED,
        )


def tell_overdue(workflow: Workflow) -> bool:
    """Say, once for each expected time, that a paused workflow is overdue. The caller holds its lock."""
    said = wording.overdue(workflow)
    incident = f"{Kind.OVERDUE}:{workflow.pk}"
    told = outbox.raise_(
        Kind.OVERDUE, incident, workflow=workflow, title=said.title, text=said.text, advice=said.advice
    )
    return told is not None
