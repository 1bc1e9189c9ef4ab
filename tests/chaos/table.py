"""The table of docs/reliability.md, made from the lines that runs of the matrix wrote.

`python -m tests.chaos.table chaos.jsonl …` takes over what these runs said, the newest line of each row and stack, into
docs/reliability.jsonl and draws the table anew.
"""

import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import django

from tests.chaos.stacks import STACKS
from tests.journeys.processes import ROOT

PAGE, LINES = ROOT / "docs" / "reliability.md", ROOT / "docs" / "reliability.jsonl"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
HEAD = (
    "| Row | Promise | Fault | Stack | Trials | Failures | Rate below (95 %) | Longest | Date |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)
NOT_RUN = {
    "R31": (
        "Bulk: items whole, resumable, stoppable",
        "a test of its own, tests/runs/bulk/test_killed.py: two kills amid 500",
    ),
    "R52": ("Backlogs drain, live work moves", "measured by `make bench`, not as a row"),
}


def take(lines: Iterable[dict[str, Any]], known: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest line of each row and stack, in the matrix's order."""
    newest = {(line["row"], line["stack"]): line for line in (*known, *lines)}
    return [newest[key] for key in sorted(newest)]


def table(lines: list[dict[str, Any]]) -> str:
    """All rows: those that were run, on which stacks, and those that were not, and why."""
    from tests.chaos import matrix
    from tests.fuzz.rows import ROWS

    rows = matrix.load() | ROWS
    drawn = {name: [] for name in sorted({*rows, *NOT_RUN})}
    for line in lines:
        drawn[line["row"]].append(_run(rows[line["row"]], line))
    for name, row in rows.items():
        stacks = {line["stack"] for line in lines if line["row"] == name}
        drawn[name] += [_not_run(name, row.promise, row.fault, s, "") for s in row.stacks if s not in stacks]
    for name, (promise, why) in NOT_RUN.items():
        drawn[name] += [] if name in rows else [_not_run(name, promise, "", "all", why)]
    return HEAD + "".join(line for found in drawn.values() for line in found)


def _run(row: Any, line: dict[str, Any]) -> str:
    if line["measured"].startswith("not run: "):
        return _not_run(
            row.name, row.promise, row.fault, line["stack"], line["measured"].removeprefix("not run: ")
        )
    bound = f"{3 / line['n']:.1%}" if line["n"] and not line["failures"] else ""
    longest = f"{line['longest']:g} s {line['measured']}" if line["longest"] else line["measured"]
    cells = (
        row.name,
        row.promise,
        row.fault,
        line["stack"],
        line["n"],
        line["failures"],
        bound,
        longest,
        line["date"],
    )
    return f"| {' | '.join(map(str, cells))} |\n"


def _not_run(name: str, promise: str, fault: str, stack: str, why: str) -> str:
    return f"| {name} | {promise} | {fault} | {stack} | **not run**{': ' if why else ''}{why} | | | | |\n"


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def drawn(page: str, lines: list[dict[str, Any]]) -> str:
    """The page with the table in its place."""
    between = f"{BEGIN}\n{table(lines)}{END}"
    return re.sub(f"{BEGIN}.*{END}", lambda _found: between, page, flags=re.DOTALL)


def main(paths: list[str]) -> None:
    fresh = [line for path in paths for line in read(Path(path))]
    unknown = {line["stack"] for line in fresh} - set(STACKS)
    if unknown:
        sys.exit(f"There are no stacks {', '.join(sorted(unknown))}.")
    lines = take(fresh, read(LINES))
    LINES.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    PAGE.write_text(drawn(PAGE.read_text(), lines))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    main(sys.argv[1:])
