"""What a form that was sent makes of the working copy: the typed fields first, then the act of the button."""

from dataclasses import dataclass, field, replace
from typing import Any

from runs.views.editor.acts import ACTS, act
from runs.views.editor.desk import document_in
from runs.views.editor.sent import Sent
from workflows.definition.loading import dump
from workflows.editing.operations import Document, rename
from workflows.editing.paths import ABSENT, NoSuchPlace, look, put
from workflows.editing.tree import named_parts
from workflows.forms.parts import Problems, part_at, read_part
from workflows.forms.parts.known import SETTINGS_PATH


@dataclass(frozen=True)
class Edit:
    """The text that results; `opened` is the part to show, None for what the address says. `said`: of an act."""

    text: str
    opened: str | None = None
    said: str = ""
    problems: Problems = field(default_factory=dict)


def fill(text: str, sent: Sent, *, moved: bool = False) -> Edit:
    """The text with what was typed; raises NoSuchPlace where its part is gone.

    With `moved` the document has changed since, and the part is found by its id.
    """
    if sent.text is not None:
        return Edit(sent.text)
    document = document_in(text)
    if document is None or not sent.part:
        return Edit(text)
    path = _found(document, sent) if moved else sent.part
    known = part_at(document, path)
    if known is None:
        return Edit(text, path)
    part, problems = read_part(known, sent.data)
    if part is known.written or (part == {} and look(document, path) is ABSENT):
        return Edit(text, path, problems=problems)
    return Edit(dump(_placed(document, path, known.written, part)), path, problems=problems)


def perform(edit: Edit, sent: Sent) -> Edit:
    """The edit with the act of the button; raises NoSuchPlace where it is not possible. Without one, as it is."""
    document = document_in(edit.text)
    if sent.verb not in ACTS or document is None:
        return edit
    acted = act(document, sent.verb, sent.arguments)
    return replace(edit, text=dump(acted.document), opened=acted.opened, said=str(acted.said))


def _found(document: Document, sent: Sent) -> str:
    """Where the part stands now that was typed into."""
    if sent.part == SETTINGS_PATH:
        return sent.part
    root = sent.part.partition(".")[0]
    parts = named_parts(document)
    found = [path for path, id_ in parts if path.startswith(f"{root}.") and id_ == sent.part_id]
    if not found:
        raise NoSuchPlace(sent.part)
    return found[0]


def _placed(document: Document, path: str, old: dict[str, Any], new: dict[str, Any]) -> Document:
    """The document with the part; templates follow where its id changed."""
    id_ = new.get("id")
    if id_ == old.get("id") or not isinstance(id_, str):
        return put(document, path, new)
    return rename(put(document, path, {**new, "id": old.get("id")}), path, id_).document
