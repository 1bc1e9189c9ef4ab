"""A report as CSV: one line for each number, so that reports can be laid below each other."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from audit.export import cell

COLUMNS = ("period", "scope", "section", "item", "measure", "value")
Row = tuple[str, str, Any]


def csv_of(document: Mapping[str, Any]) -> str:
    """The file, with its header; cells cannot start a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    about = (document["period"], document["scope"]["ref"])
    for section, rows in _sections(document):
        for item, measure, value in rows:
            writer.writerow([cell(part) for part in (*about, section, item, measure, value)])
    return out.getvalue()


def _sections(document: Mapping[str, Any]) -> Iterator[tuple[str, Iterator[Row]]]:
    for name in ("figures", "before", "change"):
        yield name, _numbers("", document[name])
    yield "days", _each(document["days"], "date")
    yield "worst_workflows", _each(document["worst_workflows"], "name")
    for name, steps in document["steps"].items():
        yield f"steps_{name}", _each(steps, "name", "step")
    yield "standing", _numbers("", document["standing"])
    yield "longest_paused", _each(document["standing"]["longest_paused"], "name")
    yield (
        "missed",
        _numbers("", {"triggers": document["missed"]["triggers"], **document["missed"]["reasons"]}),
    )
    yield "missed_workflows", _each(document["missed"]["workflows"], "name")
    yield "versions", _each(document["versions"]["newest"], "name", "version")
    impact = document["impact"]
    yield "impact", _numbers("", {"minutes_saved": impact["minutes_saved"], **impact["values"]})
    missed = impact["missed"]
    yield "impact_missed_estimate", _numbers("", {"minutes": missed["minutes"], **missed["values"]})


def _numbers(item: str, values: Mapping[str, Any]) -> Iterator[Row]:
    for measure, value in values.items():
        if not isinstance(value, list | dict):
            yield item, measure, value


def _each(rows: list[dict[str, Any]], *names: str) -> Iterator[Row]:
    for row in rows:
        item = " / ".join(str(row[name]) for name in names)
        yield from _numbers(item, {key: value for key, value in row.items() if key not in names})
