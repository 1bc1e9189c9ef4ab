"""From what a form sent to the part as it is to be written."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.utils.datastructures import MultiValueDict

from workflows.definition.json_text import TextRefused, load_json
from workflows.definition.written import as_list
from workflows.editing.paths import ABSENT
from workflows.editing.shapes import Control, Shape
from workflows.forms.parts.conditions import read_condition
from workflows.forms.parts.known import KnownPart
from workflows.forms.parts.sent import Problems, Sent
from workflows.forms.parts.showing import effective, plain, shown, shown_lines

__all__ = ["Problems", "read_part"]


def read_part(part: KnownPart, data: MultiValueDict[str, str]) -> tuple[dict[str, Any], Problems]:
    """The part as it is to be written, and what could not be read, which leaves its field as it was.

    Fields that were not sent are left alone; without a change it is the very object that stood there.
    """
    sent = Sent(data)
    return _part(part.shapes, part.written, "", sent), sent.problems


def _part(shapes: Iterable[Shape], written: dict[str, Any], prefix: str, sent: Sent) -> dict[str, Any]:
    part = written
    for shape in shapes:
        old = part.get(shape.name, ABSENT)
        reader = _READERS.get(shape.control)
        new = reader(shape, f"{prefix}{shape.name}", old, sent) if reader else old
        if new is old:
            continue
        part = {key: value for key, value in part.items() if key != shape.name or new is not ABSENT}
        if new is not ABSENT:
            part[shape.name] = new
    return part


def _text(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    text = sent.text(path)
    if text is None or text == shown(old):
        return old
    return text if text or shape.required else ABSENT


def _number(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    text = _text(shape, path, old, sent)
    if text is old or text is ABSENT:
        return text
    try:
        number = load_json(text.strip())
    except TextRefused:
        return text
    return number if isinstance(number, int | float) and not isinstance(number, bool) else text


def _tick(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    text = sent.text(path)
    is_on = text == "on"
    if text is None or is_on is (effective(shape, old) is True):
        return old
    return ABSENT if is_on is shape.default else is_on


def _choice(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    text = sent.text(path)
    if text is None or text == shown(effective(shape, old)):
        return old
    return text or ABSENT


def _choices(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    if not sent.has(path):
        return old
    wanted = [word for word in sent.all(path) if word]
    before = as_list(effective(shape, old))
    if set(wanted) == {word for word in map(shown, before) if word}:
        return old
    kept = [word for word in before if shown(word) in wanted]
    chosen = [*kept, *(word for word in wanted if word not in map(shown, before))]
    return chosen if chosen or shape.default else ABSENT


def _lines(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    text = sent.text(path)
    if text is None or text == shown_lines(old):
        return old
    if not text.strip():
        return ABSENT
    if not shape.holds_list and not isinstance(old, list):
        return text
    before = {shown(item): item for item in as_list(old)}
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return [before[line] if line in before else _item(line) for line in lines]


def _item(line: str) -> str | int:
    return int(line) if line.isascii() and line.isdigit() and len(line) < 10 and line[0] != "0" else line


def _value(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    return sent.value(path, old, spread=True)


def _pairs(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    before = list(old.items()) if isinstance(old, dict) else []
    after: dict[str, Any] = {}
    for place in sent.places(path):
        key, was = before[place] if place < len(before) else ("", "")
        row = f"{path}.{place}"
        text = sent.text(f"{row}.key")
        name = key if text is None or text == plain(key) else text.strip()
        value = sent.value(row, was)
        if name or value != "":
            after[_free(name, after)] = value
    if not sent.has(f"{path}.rows") or _is_same(list(after.items()), before):
        return old
    return after if after else ABSENT


def _free(name: str, taken: dict[str, Any]) -> str:
    """The name, or one beside it: two values under one name would lose one of them."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _is_same(after: list[tuple[str, Any]], before: list[tuple[str, Any]]) -> bool:
    if len(after) != len(before):
        return False
    return all(new[0] == old[0] and new[1] is old[1] for new, old in zip(after, before, strict=True))


def _group(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    if shape.may_be_none and not isinstance(old, dict):
        return old
    before = old if isinstance(old, dict) else {}
    part = _part(shape.parts, before, f"{path}.", sent)
    return old if part is before else part


def _groups(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    before = as_list(old)
    after = [
        _part(shape.parts, item, f"{path}.{place}.", sent) if isinstance(item, dict) else item
        for place, item in enumerate(before)
    ]
    return after if any(new is not was for new, was in zip(after, before, strict=True)) else old


def _either(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    text = sent.text(path)
    holder = shape.parts[0].name
    now = holder if isinstance(old, dict) else shown(effective(shape, old))
    if text is None or text == now:
        return old
    return {holder: []} if text == holder else text or ABSENT


def _condition(shape: Shape, path: str, old: Any, sent: Sent) -> Any:
    return read_condition(path, old, sent)


Reader = Callable[[Shape, str, Any, Sent], Any]
_READERS: Final[dict[Control, Reader]] = {
    "text": _text,
    "long": _text,
    "duration": _text,
    "number": _number,
    "tick": _tick,
    "choice": _choice,
    "choices": _choices,
    "lines": _lines,
    "value": _value,
    "pairs": _pairs,
    "group": _group,
    "groups": _groups,
    "either": _either,
    "condition": _condition,
}
