"""What differs between two workflow files, as templates show it: values as JSON text, unchanged parts by name."""

import json
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows import files
from workflows.definition.diff import FieldChange, Section, compare
from workflows.definition.written import as_list, written_steps

KINDS: Final[dict[str, str | Promise]] = {
    "workflow": _("Workflow"),
    "trigger": _("Trigger"),
    "step": _("Step"),
    "settings": _("Settings"),
}
CHANGES: Final[dict[str, str | Promise]] = {
    "added": _("added"),
    "removed": _("removed"),
    "changed": _("changed"),
    "moved": _("moved"),
}


@dataclass(frozen=True)
class Row:
    """One field: what was, what is, as text. Of a secret neither is shown."""

    path: str
    before: str
    after: str
    change: str
    is_secret: bool


@dataclass(frozen=True)
class Part:
    """One trigger or step, the settings, or what the workflow says about itself."""

    kind: str | Promise
    id: str
    label: str
    change: str
    word: str | Promise
    rows: list[Row]


@dataclass(frozen=True)
class Differences:
    """`parts` that differ, in the order of the newer file, and the names of those that do not."""

    parts: list[Part]
    unchanged: list[str]


def differences(old: dict[str, Any], new: dict[str, Any]) -> Differences:
    """Aligned by the ids of triggers and steps. Both are documents that can be stored.

    Name, description, scope and tags are left out: they belong to the workflow, whatever a version says.
    """
    found = compare(_content(old), _content(new))
    differing = {(section.kind, section.id) for section in found.sections}
    names = [("trigger", trigger["id"]) for trigger in as_list(new.get("triggers"))]
    names += [("step", written.step["id"]) for written in written_steps(new)]
    unchanged = [f"{KINDS[kind]} {id_}" for kind, id_ in names if (kind, id_) not in differing]
    return Differences([_part(section) for section in found.sections], unchanged)


def _content(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in files.DEFAULTS}


def _part(section: Section) -> Part:
    rows = [_row(field) for field in section.fields]
    label = "" if section.label == section.id else section.label
    return Part(KINDS[section.kind], section.id, label, section.change, CHANGES[section.change], rows)


def _row(field: FieldChange) -> Row:
    before = "" if field.change == "added" else _text(field.before)
    after = "" if field.change == "removed" else _text(field.after)
    return Row(field.path, before, after, field.change, field.is_secret)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
