"""Two ways through long lists: numbered pages with a capped count, and cursors over the order's own keys."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet

COUNT_CAP = 10_000
BAD_CURSOR = (
    ValueError,
    TypeError,
    KeyError,
    binascii.Error,
    UnicodeDecodeError,
    ValidationError,
    OverflowError,
)


class CursorRefused(ValueError):
    """The cursor is not one of ours."""


def capped_count(rows: QuerySet[Any] | Sequence[Any]) -> int:
    """How many rows, but never more than the cap and one; the database stops counting there."""
    if isinstance(rows, QuerySet):
        return rows.order_by()[: COUNT_CAP + 1].count()
    return min(len(rows), COUNT_CAP + 1)


class CappedPaginator(Paginator):
    """Numbered pages that never count or reach beyond 10,000 rows. Takes the rows of a django-tables2 table."""

    object_list: Any

    @cached_property
    def counted(self) -> int:
        """The count, or one above the cap."""
        return capped_count(self.object_list.data.data)

    @cached_property
    def count(self) -> int:
        return min(self.counted, COUNT_CAP)


@dataclass(frozen=True)
class Slice:
    """One page of a cursor list, and the cursors to its neighbours (empty where there is none)."""

    rows: list[Any]
    next: str
    previous: str


class Keyset:
    """Pages through a queryset by the values of its order, so that new rows never shift a page.

    `fields` are columns of one direction ("-received_at", "-pk"); the last one must be unique, none may be null. `apart`,
    for an order by the key alone: conditions of which each row meets one. The database then walks each part along an
    index in this order and merges them, where for "one or the other" it sorts all that match. `whole` is then the queryset without its filters.
    """

    def __init__(
        self,
        queryset: QuerySet[Any],
        fields: Sequence[str],
        *,
        per_page: int,
        apart: Sequence[Q] = (),
        whole: QuerySet[Any] | None = None,
    ) -> None:
        self.queryset = queryset
        self.is_descending = fields[0].startswith("-")
        if any(field.startswith("-") != self.is_descending for field in fields):
            raise ValueError("All fields of a keyset must have one direction.")
        self.names = [field.lstrip("-") for field in fields]
        self.per_page = per_page
        self.apart, self.whole = apart, queryset if whole is None else whole

    def page(self, cursor: str = "") -> Slice:
        """The page that the cursor points to; the first one without. Raises CursorRefused for a foreign cursor."""
        if not cursor:
            rows = self._first(self._ordered(backwards=False), backwards=False)
            return self._slice(rows, backwards=False, has_origin=False)
        backwards, values = self._decode(cursor)
        ordered = self._ordered(backwards=backwards)
        try:
            rows = self._first(ordered.filter(self._beyond(values, backwards=backwards)), backwards=backwards)
        except BAD_CURSOR as wrong:
            raise CursorRefused(str(wrong)) from wrong
        return self._slice(rows, backwards=backwards, has_origin=True)

    def _first(self, ordered: QuerySet[Any], *, backwards: bool) -> list[Any]:
        if len(self.apart) < 2:
            return list(ordered[: self.per_page + 1])
        first, *others = (ordered.order_by().filter(part).values("pk") for part in self.apart)
        keys = first.union(*others, all=True).order_by(*self._order(backwards=backwards))[: self.per_page + 1]
        # Narrowed by the keys alone: with the filters as well the database would begin with those again.
        return list(self.whole.filter(pk__in=keys).order_by(*self._order(backwards=backwards)))

    def _ordered(self, *, backwards: bool) -> QuerySet[Any]:
        return self.queryset.order_by(*self._order(backwards=backwards))

    def _order(self, *, backwards: bool) -> list[str]:
        sign = "-" if self.is_descending != backwards else ""
        return [f"{sign}{name}" for name in self.names]

    def _slice(self, rows: list[Any], *, backwards: bool, has_origin: bool) -> Slice:
        has_more = len(rows) > self.per_page
        shown = rows[: self.per_page]
        if backwards:
            shown.reverse()
        if not shown:
            return Slice([], "", "")
        has_next = has_origin if backwards else has_more
        has_previous = has_more if backwards else has_origin
        return Slice(
            shown,
            self._encode(shown[-1], backwards=False) if has_next else "",
            self._encode(shown[0], backwards=True) if has_previous else "",
        )

    def _beyond(self, values: list[Any], *, backwards: bool) -> Q:
        # The first condition alone follows from the others; it lets the database use an index range.
        way = "lt" if self.is_descending != backwards else "gt"
        bound = Q(**{f"{self.names[0]}__{way}e": values[0]})
        strict = Q()
        for depth, name in enumerate(self.names):
            equal = {self.names[i]: values[i] for i in range(depth)}
            strict |= Q(**equal, **{f"{name}__{way}": values[depth]})
        return bound & strict

    def _encode(self, row: Any, *, backwards: bool) -> str:
        values = [_plain(getattr(row, name)) for name in self.names]
        text = json.dumps([int(backwards), *values], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _decode(self, cursor: str) -> tuple[bool, list[Any]]:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            document = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
            backwards, *values = document
        except (*BAD_CURSOR, RecursionError) as wrong:
            raise CursorRefused(str(wrong)) from wrong
        if len(values) != len(self.names) or not all(isinstance(value, str | int) for value in values):
            raise CursorRefused("A cursor holds one value for each field of the order.")
        return bool(backwards), values


def _plain(value: Any) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)
