"""What a template may name at a place of a definition, with examples where there are any."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.definition.findings import DefinitionRefused
from workflows.definition.json_text import escape_halves
from workflows.definition.loading import validate
from workflows.definition.references import NAMES, Steps
from workflows.definition.walk import Place, places
from workflows.definition.written import as_list
from workflows.editing.paths import look
from workflows.editing.slots import shallow_step
from workflows.editing.tree import Node, every_node
from workflows.steps.base import kind_of
from workflows.texts import storable
from workflows.triggers.base import kinds as trigger_kinds

DEPTH: Final = 3
MOST: Final = 60
EXAMPLE: Final = 60

Text = str | Promise


@dataclass(frozen=True)
class Available:
    """One value: the Liquid that gives it, and what it was in the sample."""

    liquid: str
    example: str = ""


@dataclass(frozen=True)
class Source:
    """Values of one origin, under a heading."""

    label: Text
    values: list[Available]


def available(
    document: dict[str, Any], path: str, *, sample: Any = None, outputs: Mapping[str, Any] | None = None
) -> list[Source]:
    """What the part at a path may use. `sample` is a payload, `outputs` are those of a past run by step id."""
    sources = [Source(_("Trigger"), list(_trigger(document, sample)))]
    if path.startswith("triggers"):
        return sources
    steps, has_item = _before(document, path)
    for node in steps:
        values = list(_outputs(document, node, outputs or {}))
        sources.append(Source(node.title, values))
    if has_item:
        sources.append(Source(_("Item of the loop"), [_value("item")]))
    plain = [_value(f"{root}.{name}") for root in ("workflow", "run") for name in sorted(NAMES[root] or ())]
    return [*sources, Source(_("Workflow and run"), [*plain, _value("scope")])]


def _value(name: str, example: Any = None) -> Available:
    text = "" if example is None else escape_halves(json.dumps(example, ensure_ascii=False))
    safe = storable(text)
    return Available(storable(f"{{{{ {name} }}}}"), safe if len(safe) <= EXAMPLE else f"{safe[:EXAMPLE]}…")


def _trigger(document: dict[str, Any], sample: Any) -> Iterator[Available]:
    triggers = [one for one in as_list(document.get("triggers")) if isinstance(one, dict)]
    names = [trigger_kinds()[one["kind"]].payload_name for one in triggers if _is_known(one)]
    payload = "body" if names and set(names) == {"body"} else "data"
    fields = {
        str(field["name"]): field.get("default")
        for one in triggers
        for field in as_list(one.get("fields"))
        if isinstance(field, dict) and "name" in field
    }
    whole = {**fields, **sample} if isinstance(sample, dict) else sample if sample is not None else fields
    yield from _expanded(f"trigger.{payload}", whole)
    yield from (_value(f"trigger.{name}") for name in ("kind", "id", "received_at", "headers", "query"))


def _is_known(trigger: dict[str, Any]) -> bool:
    return isinstance(trigger.get("kind"), str) and trigger["kind"] in trigger_kinds()


def _outputs(document: dict[str, Any], node: Node, outputs: Mapping[str, Any]) -> Iterator[Available]:
    name = f"steps.{node.id}"
    if node.id in outputs:
        yield from _expanded(name, outputs[node.id])
        return
    step = shallow_step(look(document, node.path))
    yield _value(name)
    for inner in kind_of(step).outputs(step) if step else ():
        yield _value(_below(name, inner))


def _expanded(name: str, value: Any) -> Iterator[Available]:
    """A value and those inside it, as deep and as many as one can still choose from."""
    for number, (inner, example) in enumerate(_walk(name, value, 0)):
        if number == MOST:
            return
        yield _value(inner, example)


def _walk(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    yield name, value
    if depth == DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(_below(name, key), inner, depth + 1)
    elif isinstance(value, list) and value:
        yield from _walk(f"{name}[0]", value[0], depth + 1)


def _below(name: str, key: str) -> str:
    if key.isascii() and key.isidentifier():
        return f"{name}.{key}"
    quote = "'" if '"' in key else '"'
    return f"{name}[{quote}{key}{quote}]"


def _before(document: dict[str, Any], path: str) -> tuple[Sequence[Node], bool]:
    """The steps whose output is there by then, and whether a loop gives `item`."""
    nodes = {node.path: node for node in every_node(document)}
    try:
        found = list(places(validate(document).steps))
    except DefinitionRefused:
        return [node for node in nodes.values() if _is_beside(node, path)], False
    here = next((place for place in found if place.path == path), None)
    if here is None:
        return [], False
    return [nodes[place.path] for place in _usable(found, here)], here.has_item


def _usable(found: list[Place], here: Place) -> Iterator[Place]:
    steps = Steps(found)
    return (
        place for place in found if place.step.id != here.step.id and not steps.problem(place.step.id, here)
    )


def _is_beside(node: Node, path: str) -> bool:
    """Whether a step stands before the path in a list that is around it; enough while the file is not valid."""
    parent, _dot, place = node.path.rpartition(".")
    if not node.is_enabled or not parent.endswith("steps") or not path.startswith(f"{parent}."):
        return False
    return int(place) < int(path.removeprefix(f"{parent}.").partition(".")[0])
