"""Ids that are free, and following an id's change through the templates that name it."""

import re
from collections.abc import Iterable
from typing import Any

from workflows.definition.templating import holds_template
from workflows.editing.tree import named_parts

_OUTPUT = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def ids_in(document: dict[str, Any]) -> set[str]:
    """The ids of all triggers and steps."""
    return {id_ for _path, id_ in named_parts(document)}


def free_id(wanted: str, taken: Iterable[str]) -> str:
    """The wanted id, or the first of `wanted_2`, `wanted_3` … that nothing has; 40 characters at most."""
    names, number, found = set(taken), 1, wanted[:40]
    while found in names:
        number += 1
        tail = f"_{number}"
        found = f"{re.sub(r'_[0-9]+$', '', wanted)[: 40 - len(tail)]}{tail}"
    return found


def with_references(value: Any, renamed: dict[str, str]) -> Any:
    """The value with `steps.<old>` in its templates written as `steps.<new>`; parts that name none stay as they are."""
    if isinstance(value, str):
        return _renamed(value, renamed) if holds_template(value) else value
    if isinstance(value, dict):
        inner = {key: with_references(part, renamed) for key, part in value.items()}
        return inner if any(inner[key] is not value[key] for key in value) else value
    if isinstance(value, list):
        parts = [with_references(part, renamed) for part in value]
        return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
    return value


def _renamed(text: str, renamed: dict[str, str]) -> str:
    if not renamed:
        return text
    changed = _OUTPUT.sub(lambda output: _in_output(output[0], renamed), text)
    return text if changed == text else changed


def _in_output(text: str, renamed: dict[str, str]) -> str:
    names = "|".join(map(re.escape, renamed))
    pattern = rf"(?<![\w.])(steps\.|steps\[[\"'])({names})(?![\w])"
    return re.sub(pattern, lambda found: f"{found[1]}{renamed[found[2]]}", text)
