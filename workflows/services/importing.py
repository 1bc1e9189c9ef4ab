"""Import: workflow files become Drafts, or a new draft of one workflow. Never a status."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from audit.services import change
from workflows import files
from workflows.definition.findings import Finding
from workflows.definition.loading import Loaded, dump
from workflows.files import FileRefused
from workflows.lifecycle import ValueRefused
from workflows.models import Scope, Workflow
from workflows.models.scope import WORKSPACE
from workflows.queries import NotFound
from workflows.services.acting import VerbResult, locked_change, require_revision
from workflows.services.creating import add_workflow
from workflows.services.drafting import require_editable
from workflows.services.gathering import Problems
from workflows.services.scopes import find_scope
from workflows.services.values import refuse
from workflows.services.versions import put_draft, require_no_draft

Permitted = Callable[[Scope], bool]


@dataclass(frozen=True)
class Imported:
    """What an import did; `findings` are warnings about ignored fields."""

    changed: bool
    workflows: list[Workflow]
    findings: list[Finding] = field(default_factory=list)
    message: str = ""


def import_file(
    text: str | bytes,
    *,
    into: int | None = None,
    replace_draft: bool = False,
    revision: int | None = None,
    permitted: Permitted | None = None,
) -> Imported:
    """Read a file (JSON or YAML) and store all its workflows, or none.

    Each becomes a new Draft; with `into` the one workflow becomes the draft of an existing one, whose name,
    description, scope and tags stay. `permitted` says in which scopes the caller may import; another scope
    is treated as unknown. Raises FileRefused with every finding and its path, ValueRefused, and for `into`
    DraftExists unless `replace_draft`, WorkflowGone, TransitionRefused and Stale.
    """
    read = files.read_documents(text)
    if into is None:
        return _import_new(read, permitted)
    if len(read) != 1:
        raise refuse(
            "file",
            "several_workflows",
            _("The file holds %(count)d workflows; into a workflow goes exactly one.") % {"count": len(read)},
            _("Take a file with one workflow, or import without naming a workflow."),
        )
    return _import_into(read[0], into, replace_draft=replace_draft, revision=revision)


def _import_into(given: Loaded, pk: int, *, replace_draft: bool, revision: int | None) -> Imported:
    with locked_change(pk) as workflow:
        require_editable(workflow)
        ignored = files.ignored_fields(workflow, given.document)
        if workflow.draft and files.is_same(workflow.draft, given.document):
            return Imported(False, [workflow], ignored, _("Nothing to do: the draft says so already."))
        require_revision(workflow, revision)
        require_no_draft(workflow, replace=replace_draft)
        put_draft(workflow, dump(given.document))
    return Imported(True, [workflow], ignored)


def _import_new(read: list[Loaded], permitted: Permitted | None) -> Imported:
    problems = Problems()
    # In a file of several workflows, paths begin with the place of theirs.
    places = [f"workflows.{number}." if len(read) > 1 else "" for number in range(len(read))]
    scopes = [
        problems.collect(_scope_of, one, place, permitted) for one, place in zip(read, places, strict=True)
    ]
    _refuse(problems)
    with change():
        made = [problems.collect(_add, *each) for each in zip(read, places, scopes, strict=True)]
        _refuse(problems)
    return Imported(True, [result.workflow for result in made if result])


def _refuse(problems: Problems) -> None:
    if problems.findings:
        raise FileRefused(problems.findings)


def _scope_of(given: Loaded, place: str, permitted: Permitted | None) -> Scope:
    ref = given.document.get("scope") or WORKSPACE
    try:
        scope = find_scope(ref)
    except NotFound as unknown:
        raise _unknown_scope(place, ref) from unknown
    if permitted is not None and not permitted(scope):
        raise _unknown_scope(place, ref)
    return scope


def _unknown_scope(place: str, ref: str) -> ValueRefused:
    return refuse(
        f"{place}scope",
        "unknown_scope",
        _("There is no scope “%(scope)s”.") % {"scope": ref},
        _("Create the scope first, or name another one."),
    )


def _add(given: Loaded, place: str, scope: Scope) -> VerbResult:
    document = given.document
    return add_workflow(
        document["name"],
        scope,
        text=dump(given.document),
        description=document.get("description") or "",
        tags=document.get("tags") or (),
        path=f"{place}name",
    )
