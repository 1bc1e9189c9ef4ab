"""On which line of a workflow file's text each place stands, so that findings can point at it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from workflows.definition.findings import join_path

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ESCAPE = re.compile(r"\\u[0-9A-Fa-f]{4}")


@dataclass
class _Frame:
    """An open object or list: its place, and where its next value stands."""

    path: str
    is_object: bool
    key: str | None = None
    count: int = 0


def line_numbers(text: str) -> dict[str, int]:
    """Lines from 1 by path (`steps.2.url`), of JSON and YAML alike. Of a broken text: what stands before the break."""
    found: dict[str, int] = {}
    open_: list[_Frame] = []
    try:
        for event in _events(text):
            _take(event, open_, found)
    except (yaml.YAMLError, UnicodeError, RecursionError):
        return found
    return found


def line_of(path: str, lines: dict[str, int]) -> int | None:
    """The line of a place, or of the nearest place around it that is there; None for the whole file."""
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return lines.get(path) if path else None


def broken_line(text: str) -> int | None:
    """The line at which a text stops being JSON or YAML; None if it does not."""
    if text.lstrip()[:1] in ("{", ""):
        return _broken_json(text)
    try:
        for _event in _events(text):
            pass
    except yaml.MarkedYAMLError as wrong:
        return wrong.problem_mark.line + 1 if wrong.problem_mark else None
    except (yaml.YAMLError, UnicodeError, RecursionError):
        return None
    return None


def _broken_json(text: str) -> int | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as wrong:
        return wrong.lineno
    except (ValueError, RecursionError):
        return None
    return None


def _events(text: str) -> Iterator[yaml.Event]:
    # JSON is YAML but for tabs between its parts and escapes of half a character.
    yield from yaml.parse(_ESCAPE.sub("_", text.replace("\t", " ")), Loader=_LOADER)


def _take(event: yaml.Event, open_: list[_Frame], found: dict[str, int]) -> None:
    if isinstance(event, yaml.CollectionEndEvent):
        open_.pop()
        return
    if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
        return
    frame = open_[-1] if open_ else None
    if frame and frame.is_object and frame.key is None:
        frame.key = event.value if isinstance(event, yaml.ScalarEvent) else ""
        found[join_path(frame.path, frame.key)] = _line(event)
        return
    path = _next_path(frame)
    found.setdefault(path, _line(event))
    if isinstance(event, yaml.CollectionStartEvent):
        open_.append(_Frame(path, isinstance(event, yaml.MappingStartEvent)))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _next_path(frame: _Frame | None) -> str:
    if frame is None:
        return ""
    if frame.is_object:
        key, frame.key = frame.key, None
        return join_path(frame.path, key or "")
    frame.count += 1
    return join_path(frame.path, frame.count - 1)
