"""Conditions as rows: two values and how they are compared, in groups of which all or one must hold."""

from dataclasses import dataclass, field
from typing import Any, Final, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.definition.conditions import Operator
from workflows.definition.written import as_list
from workflows.editing.paths import ABSENT
from workflows.forms.parts.sent import Problems, Sent
from workflows.forms.parts.showing import ValueKind, shown, shown_value

GROUPS: Final[dict[str, str | Promise]] = {"all": _("All of these hold"), "any": _("One of these holds")}
OPERATORS: Final[dict[str, str | Promise]] = {
    "is": _("is"), "is_not": _("is not"), "<": "<", "<=": "≤", ">": ">", ">=": "≥",
    "contains": _("contains"), "not_contains": _("does not contain"), "starts_with": _("begins with"),
    "ends_with": _("ends with"), "in": _("is one of"), "not_in": _("is none of"), "exists": _("is there"),
    "not_exists": _("is not there"),
}  # fmt: skip
assert set(OPERATORS) == set(get_args(Operator))
ALONE: Final = frozenset({"exists", "not_exists"})


@dataclass(frozen=True)
class Operand:
    """One side of a comparison."""

    path: str
    kind: ValueKind
    text: str
    problem: str = ""


@dataclass(frozen=True)
class ConditionRow:
    """A group (`mode` all, any or not, with `rows` inside) or one comparison. `path` is below the part."""

    path: str
    mode: str = ""
    rows: "list[ConditionRow]" = field(default_factory=list)
    left: Operand | None = None
    op: str = ""
    right: Operand | None = None
    unreadable: str = ""

    @property
    def operators(self) -> list[tuple[str, str | Promise, bool]]:
        """What the middle of the row offers; a word that is none stays visible."""
        known = {**OPERATORS, **({self.op: self.op} if self.op not in OPERATORS else {})}
        return [(word, label, word == self.op) for word, label in known.items()]

    @property
    def modes(self) -> list[tuple[str, str | Promise, bool]]:
        """What a group can mean."""
        return [(word, label, word == self.mode) for word, label in GROUPS.items()]


def condition_row(path: str, written: Any, problems: Problems) -> ConditionRow | None:
    """The rows of a condition; None where there is none."""
    if written is ABSENT or written is None:
        return None
    if not isinstance(written, dict):
        return ConditionRow(path, unreadable=shown(written))
    for mode in GROUPS:
        if mode in written:
            inner = [
                condition_row(f"{path}.{mode}.{place}", one, problems)
                for place, one in enumerate(as_list(written[mode]))
            ]
            return ConditionRow(path, mode, [row for row in inner if row])
    if "not" in written:
        inner_row = condition_row(f"{path}.not", written["not"], problems)
        return ConditionRow(path, "not", [inner_row] if inner_row else [])
    left, right = (_operand(f"{path}.{side}", written.get(side, ""), problems) for side in ("left", "right"))
    return ConditionRow(path, left=left, op=shown(written.get("op", "")), right=right)


def _operand(path: str, value: Any, problems: Problems) -> Operand:
    if path in problems:
        return Operand(path, "json", problems[path].typed, problems[path].message)
    return Operand(path, *shown_value(value))


def read_condition(path: str, old: Any, sent: Sent) -> Any:
    """The condition with what was typed; its structure stays, for rows come and go by acts of their own."""
    if not isinstance(old, dict):
        return old
    for mode in GROUPS:
        if mode in old:
            return _read_group(path, mode, old, sent)
    if "not" in old:
        inner = read_condition(f"{path}.not", old["not"], sent)
        return old if inner is old["not"] else {**old, "not": inner}
    return _read_comparison(path, old, sent)


def _read_group(path: str, mode: str, old: dict[str, Any], sent: Sent) -> dict[str, Any]:
    before = as_list(old[mode])
    after = [read_condition(f"{path}.{mode}.{place}", one, sent) for place, one in enumerate(before)]
    wanted = sent.text(f"{path}.mode")
    is_same = all(new is was for new, was in zip(after, before, strict=True))
    if is_same and wanted in (None, mode):
        return old
    name = wanted if wanted in GROUPS else mode
    return {name if key == mode else key: after if key == mode else value for key, value in old.items()}


def _read_comparison(path: str, old: dict[str, Any], sent: Sent) -> dict[str, Any]:
    new = dict(old)
    for side in ("left", "right"):
        was = old.get(side, "")
        value = sent.value(f"{path}.{side}", was)
        if value is not was:
            new[side] = value
    op = sent.text(f"{path}.op")
    if op is not None and op != shown(old.get("op", "")):
        new["op"] = op
    if new.get("op") in ALONE and new.get("right") in ("", None):
        new.pop("right", None)
    same = new.keys() == old.keys() and all(new[key] is old[key] for key in old)
    return old if same else new
