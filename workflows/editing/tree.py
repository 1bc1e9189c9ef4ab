"""A definition as an editor lists it: triggers and nested steps with their places, valid or not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from workflows.definition.walk import conditions_of
from workflows.definition.written import as_list, written_steps
from workflows.editing.paths import look
from workflows.editing.slots import kind_of, shallow_step, slots_of
from workflows.outline import in_words
from workflows.texts import storable
from workflows.triggers.base import BaseTrigger, TriggerKind
from workflows.triggers.base import kinds as trigger_kinds

UNKNOWN_ICON = "circle-question-mark"


@dataclass(frozen=True)
class Branch:
    """A list of steps inside a step: where it stands, when its steps run, by which condition."""

    path: str
    label: str
    condition: str
    nodes: "list[Node]"


@dataclass(frozen=True)
class Node:
    """One trigger or step. `words` say what it does, as far as it is valid."""

    path: str
    id: str
    title: str
    kind: str
    label: str | Promise
    icon: str
    words: str = ""
    condition: str = ""
    is_enabled: bool = True
    branches: list[Branch] = field(default_factory=list)

    def below(self) -> "Iterator[Node]":
        """This one and all inside it, in the order of the document."""
        yield self
        for branch in self.branches:
            for node in branch.nodes:
                yield from node.below()


def triggers_in(document: dict[str, Any]) -> list[Node]:
    """The triggers, in the order of the file."""
    written = as_list(document.get("triggers"))
    return [_trigger(f"triggers.{place}", trigger) for place, trigger in enumerate(written)]


def steps_in(document: dict[str, Any], path: str = "steps") -> list[Node]:
    """The steps of a list with everything inside them."""
    written = as_list(look(document, path))
    return [_step(document, f"{path}.{place}", step) for place, step in enumerate(written)]


def every_node(document: dict[str, Any]) -> list[Node]:
    """All triggers and steps."""
    return [
        *triggers_in(document),
        *(inner for node in steps_in(document) for inner in node.below()),
    ]


def named_parts(document: dict[str, Any]) -> list[tuple[str, str]]:
    """The paths of all triggers and steps with their ids, which are empty where none is written."""
    triggers = enumerate(as_list(document.get("triggers")))
    found = [(f"triggers.{place}", _text(trigger, "id")) for place, trigger in triggers]
    return found + [(written.path, _text(written.step, "id")) for written in written_steps(document)]


def title_of(part: Any) -> str:
    """What people read: the name of a part, or else its id."""
    return _text(part, "name") or _text(part, "id")


def _trigger(path: str, trigger: Any) -> Node:
    name = trigger.get("kind") if isinstance(trigger, dict) else None
    kind = trigger_kinds().get(name) if isinstance(name, str) else None
    id_ = _text(trigger, "id") or path
    if kind is None:
        return Node(path, id_, id_, str(name or ""), str(name or "?")[:40], UNKNOWN_ICON)
    return Node(path, id_, id_, kind.kind, kind.label, kind.icon, _words(kind, trigger))


def _words(kind: TriggerKind, trigger: dict[str, Any]) -> str:
    try:
        model: BaseTrigger = kind.model.model_validate(trigger)
    except ValueError:
        return ""
    return storable(kind.describe(model))


def _step(document: dict[str, Any], path: str, step: Any) -> Node:
    kind, id_ = kind_of(step), _text(step, "id") or path
    if kind is None:
        name = _text(step, "kind")
        return Node(path, id_, id_, name, name[:40] or "?", UNKNOWN_ICON)
    shallow = shallow_step(step)
    conditions = {where: storable(in_words(one)) for where, one in conditions_of(shallow)} if shallow else {}
    branches = [
        Branch(
            f"{path}.{slot.path}",
            slot.label,
            conditions.get(f"{slot.path.removesuffix('.steps')}.if", ""),
            steps_in(document, f"{path}.{slot.path}"),
        )
        for slot in slots_of(step)
    ]
    return Node(
        path, id_, _text(step, "name") or id_, kind.kind, kind.label, kind.icon,
        storable(kind.describe(shallow)) if shallow else "", conditions.get("if", ""),
        step.get("enabled") is not False, branches,
    )  # fmt: skip


def _text(part: Any, key: str) -> str:
    value = part.get(key) if isinstance(part, dict) else None
    return storable(value) if isinstance(value, str) else ""
