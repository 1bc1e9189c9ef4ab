"""Workflow files and the versions stored from them: reading, exporting, telling what is ignored."""

import json
from typing import Any

from django.utils.translation import gettext as _

from workflows.definition.findings import DefinitionRefused, Finding, error, warning
from workflows.definition.loading import Loaded, dump, read, validate
from workflows.definition.models import FORMAT
from workflows.lifecycle import ValueRefused
from workflows.models import Version, Workflow
from workflows.models.scope import WORKSPACE
from workflows.models.workflow import normal_name


class FileRefused(ValueRefused):
    """The text is no workflow file; every reason is a finding with its path."""

    code = "invalid_file"

    def __init__(self, findings: list[dict[str, str]]) -> None:
        super().__init__(_("The workflow file is refused."), findings)


def read_documents(text: str | bytes) -> list[Loaded]:
    """All workflows of a file; raises FileRefused with the findings of all of them."""
    try:
        return read(text)
    except DefinitionRefused as refusal:
        raise FileRefused([finding.as_dict() for finding in refusal.findings]) from refusal


def read_document(document: dict[str, Any]) -> Loaded:
    """What a document means; raises FileRefused with all its findings."""
    try:
        return Loaded(document, validate(document))
    except DefinitionRefused as refusal:
        raise FileRefused([finding.as_dict() for finding in refusal.findings]) from refusal


def read_one(content: str | bytes | dict[str, Any]) -> Loaded:
    """The one workflow of a text or document; raises FileRefused, also for a file of several."""
    if isinstance(content, dict):
        return read_document(content)
    loaded = read_documents(content)
    if len(loaded) == 1:
        return loaded[0]
    finding = error("several_workflows", "", _("The file holds several workflows."), _("Keep one of them."))
    raise FileRefused([finding.as_dict()])


def blank(name: str) -> dict[str, Any]:
    """The smallest workflow file: nothing starts it, and it does nothing yet."""
    return {"format": FORMAT, "name": name, "triggers": [], "steps": []}


def document_of(version: Version) -> dict[str, Any]:
    """A version as it was given."""
    return json.loads(version.definition)


def export_document(workflow: Workflow, version: Version) -> dict[str, Any]:
    """The workflow file of a version: its content, under the name, description, scope and tags of today.

    Keys keep their order. What the file did not say and has its default value stays unsaid, so that export,
    import, export gives the same bytes.
    """
    document, own = document_of(version), own_fields(workflow)
    unsaid = [name for name in own if name not in document and own[name] != DEFAULTS[name]]
    if not unsaid:
        return document | {name: value for name, value in own.items() if name in document}
    head = {name: value for name, value in own.items() if name in document or name in unsaid}
    return {"format": FORMAT, **head, **_content(document)}


def _content(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in DEFAULTS}


DEFAULTS: dict[str, Any] = {"name": None, "description": "", "scope": WORKSPACE, "tags": []}


def own_fields(workflow: Workflow) -> dict[str, Any]:
    """The fields of a file that belong to the workflow and change by verbs of their own."""
    return {
        "name": workflow.name,
        "description": workflow.description,
        "scope": workflow.scope.ref,
        "tags": workflow.tags,
    }


def export_text(workflow: Workflow, version: Version) -> str:
    """The workflow file of a version as text."""
    return dump(export_document(workflow, version))


def is_same(version: Version, document: dict[str, Any]) -> bool:
    """Whether a document says, apart from what is ignored, the same as a version."""
    return dump(_content(document_of(version))) == dump(_content(document))


def ignored_fields(workflow: Workflow, document: dict[str, Any]) -> list[Finding]:
    """A warning for each field that differs from the workflow's and is ignored in favour of it."""
    own = own_fields(workflow)
    differing = [name for name in own if name in document and _clean(name, document[name]) != own[name]]
    return [
        warning(
            "ignored_field",
            name,
            _("“%(field)s” belongs to the workflow and is ignored here.") % {"field": name},
            _("Change it by rename, describe or move."),
        )
        for name in differing
    ]


def _clean(name: str, value: Any) -> Any:
    if name == "name":
        return normal_name(value)
    return value.strip() if name == "description" else value
