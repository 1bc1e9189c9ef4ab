"""How two sets of tallies differ, row by row."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Model

from runs.models import Level
from runs.monitoring.folding import Key, Sums
from runs.monitoring.sums import Sum

MOST_TOLD: Final = 100


@dataclass(frozen=True)
class Difference:
    """One row that says something else than the runs do; `expected` and `found` hold only what differs."""

    table: str
    level: str
    start: datetime
    key: dict[str, Any]
    expected: dict[str, Any]
    found: dict[str, Any]


@dataclass
class Comparison:
    """How many rows were compared, how many differ, and the first of these."""

    compared: int = 0
    differing: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_exact(self) -> bool:
        return not self.differing

    def note(self, model: type[Model], names: Key, expected: Sums, found: Sums) -> bool:
        """Compare two sets of rows; whether they are the same."""
        keys = expected.keys() | found.keys()
        self.compared += len(keys)
        wrong = [key for key in keys if _fields(expected.get(key)) != _fields(found.get(key))]
        self.differing += len(wrong)
        for key in sorted(wrong)[: MOST_TOLD - len(self.differences)]:
            self.differences.append(_difference(model, names, key, expected.get(key), found.get(key)))
        return not wrong


def _fields(one: Sum | None) -> dict[str, Any]:
    """What of a sum is not nothing: an empty row and none are the same."""
    fields = (one or Sum()).run_fields()
    fields["attempts"] = one.numbers["attempts"] if one else 0
    return {name: value for name, value in fields.items() if value}


def _difference(
    model: type[Model], names: Key, key: Key, expected: Sum | None, found: Sum | None
) -> Difference:
    level, start, *rest = key
    right, wrong = _fields(expected), _fields(found)
    differing = [name for name in right | wrong if right.get(name) != wrong.get(name)]
    return Difference(
        table=model._meta.model_name or "",
        level=Level(level).name.lower(),
        start=start,
        key=dict(zip(names[1:], rest, strict=True)),
        expected={name: right.get(name, 0) for name in differing},
        found={name: wrong.get(name, 0) for name in differing},
    )
