"""Clone: a new Draft with another workflow's newest definition."""

from django.utils.translation import gettext as _

from audit.verbs import AuditWord
from workflows.lifecycle import GuardRefused
from workflows.models import Scope, Workflow
from workflows.services.acting import VerbResult, locked_change, require_revision
from workflows.services.creating import add_workflow
from workflows.services.naming import suggested_name


def clone(
    pk: int, *, name: str | None = None, scope: Scope | None = None, revision: int | None = None
) -> VerbResult:
    """A new Draft, given as the result's workflow, in the same scope unless another is named.

    Copies the newest definition (the draft's, else the published one's), description and tags; never status,
    secrets, webhook addresses or history. Without a name it gets the suggested one. Raises ValueRefused.
    """
    with locked_change(pk) as source:
        require_revision(source, revision)
        target = scope or source.scope
        return add_workflow(
            suggested_name(source, target) if name is None else name,
            target,
            text=_newest_text(source),
            description=source.description,
            tags=source.tags,
            word=AuditWord.WORKFLOW_CLONED,
            origin={"cloned_from": source.name, "cloned_from_id": source.pk},
        )


def _newest_text(source: Workflow) -> str:
    version = source.draft or source.published
    if version is None:
        raise GuardRefused(_("The workflow has no definition to copy."))
    return version.definition
