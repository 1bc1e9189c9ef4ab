"""A draft becomes the published version: at once for new runs, while open runs keep theirs."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from audit.services import history_id, record
from audit.verbs import AuditWord
from workflows import checking, files
from workflows.models import Version, Workflow
from workflows.services.acting import Case, VerbResult, act, subject_of
from workflows.services.drafting import no_draft
from workflows.services.trigger_rows import sync_triggers


def publish(pk: int, *, accept_warnings: bool = False, revision: int | None = None) -> VerbResult:
    """Publish the draft of an Active, Paused or Not Running workflow; its status stays.

    Figures: `version`, and `findings`, warnings about fields of the draft's file that belong to the workflow and
    are ignored. Raises GuardRefused with the findings of the checks: errors always, warnings unless accepted.
    """

    def apply(case: Case) -> None:
        checking.guard(case.workflow, accept_warnings=accept_warnings)
        version, facts = publish_draft(case.workflow, case.moment)
        case.figures.update(facts)
        case.history["version"] = history_id(version) or 0
        rearm(case)

    done = act("publish", pk, apply, revision=revision, settled=no_draft)
    published = done.workflow.published
    ignored = files.ignored_fields(done.workflow, files.document_of(published)) if published else []
    return replace(done, figures={**done.figures, "findings": ignored})


def rearm(case: Case) -> None:
    """Let the runs app watch what the newly published version triggers on, as far as the status wants it."""
    case.effect("published")


def publish_draft(workflow: Workflow, moment: datetime) -> tuple[Version, dict[str, Any]]:
    """Make the draft the published version, in the caller's transaction; the caller saves the workflow.

    Gives the version and what the audit event says of it. The former one is superseded. Trigger rows follow.
    """
    version, previous = workflow.draft, workflow.published
    assert version is not None
    if previous is not None:
        previous.state = Version.State.SUPERSEDED
        previous.save()
    version.state, version.published_at = Version.State.PUBLISHED, moment
    version.save()
    workflow.published, workflow.draft = version, None
    sync_triggers(workflow)
    return version, {"version": version.number, "content_hash": version.content_hash}


def record_published(workflow: Workflow, version: Version, previous: Version | None) -> None:
    """The audit event “Version published”, for an act that publishes beside something else."""
    record(
        AuditWord.VERSION_PUBLISHED,
        subject_of(workflow),
        before={"published_version": previous.number if previous else None, "draft_version": version.number},
        after={
            "published_version": version.number,
            "draft_version": None,
            "version": version.number,
            "content_hash": version.content_hash,
        },
        history={"version": history_id(version) or 0},
    )
