"""What differs between two definitions, aligned by the ids of triggers and steps, field by field."""

import bisect
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from workflows.definition.findings import join_path
from workflows.definition.json_values import Json
from workflows.definition.written import (
    FOR_FAILURE,
    WrittenStep,
    as_list,
    is_step_list,
    nesting_fields,
    written_steps,
)

Change = Literal["added", "removed", "changed", "moved"]
SectionKind = Literal["workflow", "trigger", "step", "settings"]

_SECRET = re.compile(
    r"authorization|cookie|password|passwd|secret|token|api[-_]?key|credential", re.IGNORECASE
)
_USER_IN_URL = re.compile(r"(?<=://)[^/@\s]+@")
_ABSENT = object()


@dataclass(frozen=True)
class FieldChange:
    """One field. Of a field that may hold a secret both values are None, and `is_secret` says so."""

    path: str
    before: Json
    after: Json
    change: Change
    is_secret: bool = False


@dataclass(frozen=True)
class Section:
    """One trigger, one step, the settings, or what the workflow says about itself.

    `moved`: only its place changed, or its place too; `before` and `after` of the field `place` say from where to where.
    """

    kind: SectionKind
    id: str
    change: Change
    label: str = ""
    fields: list[FieldChange] = field(default_factory=list)


@dataclass(frozen=True)
class Diff:
    """All sections that differ, in the order of the newer definition; removed ones stand last in their kind."""

    sections: list[Section]

    @property
    def is_empty(self) -> bool:
        return not self.sections

    def of(self, kind: SectionKind) -> list[Section]:
        """The sections of one kind."""
        return [section for section in self.sections if section.kind == kind]


def compare(old: dict[str, Any], new: dict[str, Any]) -> Diff:
    """What must be said to someone who knows `old`. Both are documents that `validate` takes."""
    sections = [*_whole("workflow", _about(old), _about(new)), *_triggers(old, new), *_steps(old, new)]
    return Diff([*sections, *_whole("settings", old.get("settings") or {}, new.get("settings") or {})])


def _about(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in ("triggers", "steps", "settings")}


def _whole(kind: SectionKind, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Section]:
    if fields := list(_fields(old, new)):
        yield Section(kind, "", "changed", fields=fields)


def _triggers(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Section]:
    before = {trigger["id"]: trigger for trigger in as_list(old.get("triggers"))}
    after = {trigger["id"]: trigger for trigger in as_list(new.get("triggers"))}
    for id_, trigger in after.items():
        yield from _section("trigger", id_, before.get(id_), trigger)
    for id_, trigger in before.items():
        if id_ not in after:
            yield from _section("trigger", id_, trigger, None)


def _steps(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Section]:
    before = {found.step["id"]: found for found in written_steps(old)}
    after = {found.step["id"]: found for found in written_steps(new)}
    moved = _moved(before, after)
    for id_, found in after.items():
        was = before.get(id_)
        move = FieldChange("place", was.path, found.path, "moved") if was and id_ in moved else None
        yield from _section("step", id_, own_fields(was.step) if was else None, own_fields(found.step), move)
    for id_, found in before.items():
        if id_ not in after:
            yield from _section("step", id_, own_fields(found.step), None)


def _section(
    kind: SectionKind,
    id_: str,
    old: dict[str, Any] | None,
    new: dict[str, Any] | None,
    move: FieldChange | None = None,
) -> Iterator[Section]:
    fields = [*([move] if move else []), *_fields(old or {}, new or {})]
    if not fields:
        return
    change: Change = "added" if old is None else "removed" if new is None else "changed"
    if move and len(fields) == 1:
        change = "moved"
    shown = new or old or {}
    yield Section(kind, id_, change, str(shown.get("name") or shown.get("kind") or ""), fields)


def own_fields(step: dict[str, Any]) -> dict[str, Any]:
    """The fields of a step without the steps inside it, which have sections of their own."""
    inside = nesting_fields(step)
    return {key: _without_steps(value, key) if key in inside else value for key, value in step.items()}


def _without_steps(value: Any, key: str) -> Any:
    if key == FOR_FAILURE:
        return "steps" if isinstance(value, dict) else value
    if is_step_list(value):
        return []
    return [{name: inner for name, inner in part.items() if name != "steps"} for part in as_list(value)]


def _moved(before: dict[str, WrittenStep], after: dict[str, WrittenStep]) -> set[str]:
    """Steps in another list than before, and as few as explain the new order of those that stayed in theirs."""
    common = [id_ for id_ in after if id_ in before]
    moved = {id_ for id_ in common if before[id_].container != after[id_].container}
    order = {id_: number for number, id_ in enumerate(before)}
    lists: dict[str, list[str]] = {}
    for id_ in common:
        if id_ not in moved:
            lists.setdefault(after[id_].container, []).append(id_)
    for ids in lists.values():
        moved |= set(ids) - _longest_rising(ids, order)
    return moved


def _longest_rising(ids: list[str], order: dict[str, int]) -> set[str]:
    ends: list[int] = []
    lasts: list[str] = []
    previous: dict[str, str | None] = {}
    for id_ in ids:
        place = bisect.bisect_left(ends, order[id_])
        previous[id_] = lasts[place - 1] if place else None
        ends[place : place + 1], lasts[place : place + 1] = [order[id_]], [id_]
    rising: set[str] = set()
    last = lasts[-1] if lasts else None
    while last is not None:
        rising.add(last)
        last = previous[last]
    return rising


def _fields(old: dict[str, Any], new: dict[str, Any]) -> Iterator[FieldChange]:
    before, after = dict(_flat(old)), dict(_flat(new))
    for path in [*after, *(path for path in before if path not in after)]:
        was, now = before.get(path, _ABSENT), after.get(path, _ABSENT)
        if was is _ABSENT or now is _ABSENT or _text(was) != _text(now):
            yield _field(path, was, now)


def _field(path: str, was: Any, now: Any) -> FieldChange:
    change: Change = "added" if was is _ABSENT else "removed" if now is _ABSENT else "changed"
    is_secret = _SECRET.search(path) is not None
    return FieldChange(path, _shown(was, is_secret), _shown(now, is_secret), change, is_secret)


def _shown(value: Any, is_secret: bool) -> Json:
    if value is _ABSENT or is_secret:
        return None
    return _USER_IN_URL.sub("…@", value) if isinstance(value, str) else value


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Plain values with their paths; a list of plain values is one value."""
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from _flat(part, join_path(path, key))
    elif isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
        for place, part in enumerate(value):
            yield from _flat(part, join_path(path, place))
    elif path:
        yield path, value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
