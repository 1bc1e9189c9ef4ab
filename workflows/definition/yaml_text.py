"""YAML text to JSON values: the part of YAML that means the same in JSON.

Read from the parser's events, so that no tag, alias or anchor can make anything: bombs and objects do not exist
here. Plain words are read as JSON reads them: `no`, `12:30` and `2026-03-01` are text.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from django.utils.translation import gettext as _

from workflows.definition.json_text import TextRefused, read_fraction, read_integer, too_deep, without_repeats

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_FRACTION = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def load_yaml(text: str, *, depth: int) -> Any:
    """The value of the one document in the text; raises TextRefused."""
    events = _events(text)
    builder = _Builder(depth)
    for event in events:
        builder.take(event)
    return builder.value()


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark
        place = {"line": mark.line + 1 if mark else 1, "problem": wrong.problem or _("it is broken")}
        raise TextRefused(
            "not_yaml", _("The text is not YAML: line %(line)d: %(problem)s.") % place
        ) from wrong
    except (yaml.YAMLError, UnicodeError, RecursionError) as wrong:
        raise TextRefused("not_yaml", _("The text is neither JSON nor YAML.")) from wrong


class _Builder:
    """Puts values together without recursion."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._documents: list[Any] = []
        self._open: list[list[Any]] = []

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise TextRefused("yaml_alias", _("Anchors and aliases are not allowed; write the value out."))
        if getattr(event, "tag", None):
            raise TextRefused("yaml_tag", _("Tags are not allowed; write plain values."))
        if isinstance(event, yaml.ScalarEvent):
            self._add(_scalar(event))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open.append([])
            if len(self._open) > self._depth:
                raise too_deep()
        elif isinstance(event, yaml.CollectionEndEvent):
            parts = self._open.pop()
            self._add(_mapping(parts) if isinstance(event, yaml.MappingEndEvent) else parts)

    def _add(self, value: Any) -> None:
        (self._open[-1] if self._open else self._documents).append(value)

    def value(self) -> Any:
        if len(self._documents) != 1:
            raise TextRefused("not_yaml", _("The text must hold exactly one document."))
        return self._documents[0]


def _scalar(event: yaml.ScalarEvent) -> Any:
    text: str = event.value
    is_plain = event.implicit[0]
    if not is_plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return read_integer(text)
    return read_fraction(text) if _FRACTION.fullmatch(text) else text


def _mapping(parts: list[Any]) -> dict[str, Any]:
    names = parts[::2]
    if not all(isinstance(name, str) for name in names):
        raise TextRefused(
            "not_yaml", _("Keys must be text; put quotes around numbers, true, false and null.")
        )
    return without_repeats(list(zip(names, parts[1::2], strict=True)))
