"""The log as CSV or JSON Lines, oldest first, streamed, with the fields of the chain."""

import csv
import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from audit import queries
from audit.documents import COLUMNS, event_document
from audit.queries import Events
from audit.retention import SUBJECT
from audit.services import change, record
from audit.verbs import AuditWord

Format = Literal["csv", "jsonl"]

FORMATS: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Line:
    """A file for csv.writer whose only line is the last one written."""

    text = ""

    def write(self, text: str) -> int:
        self.text = text
        return len(text)


def begin(format_: str, *, filters: Sequence[str] = ()) -> int:
    """Record "Audit exported" and return its number: the export reaches to it and no further.

    `filters` are names only: a value may be somebody's name.
    """
    with change():
        return record(
            AuditWord.AUDIT_EXPORTED, SUBJECT, after={"format": format_, "filters": list(filters)}
        ).id


def lines(events: Events, format_: Format) -> Iterator[str]:
    """The file, piece by piece: JSON Lines keep types exactly, CSV cells cannot start a formula."""
    rows = (event_document(event) for event in queries.in_order(events))
    if format_ == "jsonl":
        yield from (json.dumps(row) + "\n" for row in rows)
        return
    line = Line()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    yield line.text
    for row in rows:
        writer.writerow([cell(row[name]) for name in COLUMNS])
        yield line.text


def cell(value: Any) -> str:
    """A value as a CSV cell. A spreadsheet runs one that starts like a formula; an apostrophe makes it text."""
    text = "" if value is None else json.dumps(value) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
