"""What a bulk act would do, before it is confirmed: how many change, how many are refused, and why."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from runs.bulk.selection import Selection
from runs.bulk.verbs import BulkVerb, Text, label_of


@dataclass(frozen=True)
class Reason:
    """Why some are refused."""

    text: str
    count: int


@dataclass(frozen=True)
class Preview:
    """`changing` are the rows that the verb would change as things stand. `grown` says that more match now."""

    verb: BulkVerb
    rows: list[Any]
    changing: list[Any]
    refused: list[Reason]
    grown: bool

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def numbers(self) -> list[tuple[Text, int]]:
        """What the act would meet, in numbers."""
        return self.verb.numbers(self.changing)

    @property
    def names(self) -> list[str]:
        """The first few that change."""
        return [label_of(self.verb.kind, row) for row in self.changing[:5]]

    @property
    def further(self) -> int:
        return max(0, len(self.changing) - 5)


def preview(verb: BulkVerb, selection: Selection, request: HttpRequest) -> Preview:
    """One query for the rows, and those of the verb's checks; raises ValueRefused for an empty selection and for one that is too large."""
    rows = selection.rows(request)
    objections = [verb.objection(row, request.user) for row in rows]
    found = verb.checks([row for row, text in zip(rows, objections, strict=True) if not text])
    objections = [text or found.get(row.pk, "") for row, text in zip(rows, objections, strict=True)]
    counted = Counter(text for text in objections if text)
    return Preview(
        verb,
        rows,
        [row for row, text in zip(rows, objections, strict=True) if not text],
        [Reason(text, count) for text, count in counted.most_common()],
        selection.is_all and len(rows) > selection.seen,
    )
