"""What was selected: ids, or a filter with the count that the person saw."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from config.web import numbers
from runs.bulk.verbs import Things, things_of
from runs.models import BulkKind
from workflows.lifecycle import ValueRefused
from workflows.services.values import refuse

MOST: Final = 10_000
LONGEST_ID: Final = 36


@dataclass(frozen=True)
class Selection:
    """`query` and `seen` count only where all that match are meant."""

    kind: BulkKind
    ids: tuple[str, ...]
    is_all: bool = False
    query: str = ""
    seen: int = 0

    @classmethod
    def of(cls, kind: BulkKind, data: QueryDict) -> "Selection":
        """From a form or an address: `ids` (several, or with commas), or `all=1` with `query` and `seen`."""
        ids = [part for value in data.getlist("ids") for part in value.split(",") if part]
        seen = data.get("seen", "")
        return cls(
            kind,
            tuple(dict.fromkeys(ids)),
            data.get("all") == "1",
            data.get("query", ""),
            int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0,
        )

    @property
    def things(self) -> Things:
        return things_of(self.kind)

    def queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The selected rows that the person sees; ids of foreign or missing things are left out."""
        if self.is_all:
            return self.things.filtered(QueryDict(self.query), request)
        rows = self.things.rows(request.user)
        return rows.filter(pk__in=[one for one in map(self._key, self.ids) if one is not None])

    def rows(self, request: HttpRequest) -> list[Any]:
        """The rows of the selection; raises ValueRefused for none, and for more than a job takes."""
        if len(self.ids) > MOST:
            raise too_many()
        found = list(self.queryset(request)[: MOST + 1])
        if len(found) > MOST:
            raise too_many()
        if not found:
            raise refuse("ids", "nothing_selected", _("Nothing is selected."), _("Tick some rows first."))
        return found

    def _key(self, text: str) -> Any:
        try:
            return self.things.key(text) if len(text) <= LONGEST_ID else None
        except ValueError:
            return None


def too_many() -> ValueRefused:
    """That a job takes so many and no more."""
    return refuse(
        "ids",
        "too_many",
        _("At most %(most)s at once.") % {"most": numbers.grouped(MOST)},
        _("Narrow the filters."),
    )
