"""Failed runs by error: which errors there are in a list of runs, how often, where."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from runs.models import RunStatus
from runs.models.run import RunQuerySet

READ: Final = 1_000
GROUPS: Final = 50
NAMED: Final = 3
LINE: Final = 300
COLUMNS: Final = ("pk", "error", "error_code", "error_step", "workflow__name", "received_at")


@dataclass(frozen=True)
class ErrorGroup:
    """The failed runs with one code and one first line of error."""

    code: str
    line: str
    rows: list[dict[str, Any]]

    @property
    def label(self) -> str:
        """What the group is called: some runs fail without a word."""
        return self.line or self.code or _("No error text")

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def newest_pk(self) -> Any:
        return self.rows[0]["pk"]

    @property
    def newest(self) -> datetime:
        return max(row["received_at"] for row in self.rows)

    @property
    def oldest(self) -> datetime:
        return min(row["received_at"] for row in self.rows)

    @property
    def steps(self) -> list[str]:
        return sorted({row["error_step"] for row in self.rows if row["error_step"]})

    @property
    def workflows(self) -> list[str]:
        """The first few names; `further` counts the rest."""
        return self._names[:NAMED]

    @property
    def further(self) -> int:
        return max(0, len(self._names) - NAMED)

    @property
    def _names(self) -> list[str]:
        return sorted({row["workflow__name"] for row in self.rows})


def grouped(runs: RunQuerySet) -> tuple[list[ErrorGroup], bool]:
    """The groups of the newest failed runs, most frequent first, and whether there are older ones unread; one query."""
    failed = runs.filter(status=RunStatus.FAILED).order_by("-pk").values(*COLUMNS)
    rows = list(failed[: READ + 1])
    groups = _by_error(rows[:READ])
    ordered = sorted(groups, key=lambda group: (-group.count, group.line))
    return ordered[:GROUPS], len(rows) > READ


def _by_error(rows: Iterable[dict[str, Any]]) -> list[ErrorGroup]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        line = next(iter(row["error"].splitlines()), "")[:LINE]
        found.setdefault((row["error_code"], line), []).append(row)
    return [ErrorGroup(code, line, members) for (code, line), members in found.items()]
