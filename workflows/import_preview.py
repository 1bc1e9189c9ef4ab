"""What an import would do, found out without writing anything."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from workflows import files, queries
from workflows.definition.findings import Finding
from workflows.definition.loading import Loaded
from workflows.files import FileRefused
from workflows.models import Scope, Workflow
from workflows.models.scope import WORKSPACE
from workflows.models.workflow import name_key, normal_name
from workflows.services.gathering import Problems
from workflows.services.importing import Permitted
from workflows.services.naming import clean_name
from workflows.services.values import refuse


@dataclass(frozen=True)
class Planned:
    """One workflow that the file would make, or the draft it would become; `findings` are warnings."""

    loaded: Loaded
    scope: Scope | None
    findings: list[Finding] = field(default_factory=list)

    @property
    def document(self) -> dict[str, Any]:
        return self.loaded.document

    @property
    def name(self) -> str:
        return normal_name(self.document["name"])


def preview(text: str, *, permitted: Permitted) -> list[Planned]:
    """The workflows that a file would create; raises FileRefused with every finding and its path.

    `permitted` says in which scopes the caller may import; another scope is treated as unknown. The import
    itself asks all of it again.
    """
    read = files.read_documents(text)
    problems = Problems()
    planned: list[Planned] = []
    for place, loaded in enumerate(read):
        path = f"workflows.{place}." if len(read) > 1 else ""
        scope = problems.collect(_scope, loaded, path, permitted)
        problems.collect(_name, loaded, path, scope, planned)
        planned.append(Planned(loaded, scope))
    if problems.findings:
        raise FileRefused(problems.findings)
    return planned


def preview_into(text: str, workflow: Workflow) -> Planned:
    """The draft that a file of one workflow would become; raises FileRefused."""
    loaded = files.read_one(text)
    ignored = files.ignored_fields(workflow, loaded.document)
    return Planned(loaded, workflow.scope, ignored)


def _scope(loaded: Loaded, path: str, permitted: Permitted) -> Scope:
    ref = loaded.document.get("scope") or WORKSPACE
    scope = Scope.objects.filter(ref=ref).first()
    if scope is None or not permitted(scope):
        raise refuse(
            f"{path}scope",
            "unknown_scope",
            _("There is no scope “%(scope)s”.") % {"scope": ref},
            _("Create the scope first, or name another one."),
        )
    return scope


def _name(loaded: Loaded, path: str, scope: Scope | None, before: list[Planned]) -> None:
    name = clean_name(loaded.document["name"], path=f"{path}name")
    twins = [one for one in before if one.scope == scope and name_key(one.name) == name_key(name)]
    if scope is not None and (twins or not queries.is_name_free(name, scope)):
        raise refuse(
            f"{path}name",
            "name_taken",
            _("Another workflow in %(scope)s is named “%(name)s”.") % {"scope": scope.name, "name": name},
            _("Choose another name."),
        )
