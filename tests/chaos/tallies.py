"""Figures counted anew from the evidence, by rules written down here once more and not taken from the product."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.chaos.evidence import Evidence, Row

QUARTER, DAY = 900, 86_400
# By level: what it is called, how long it is, and for how long its counts are kept.
LEVELS = {
    1: ("quarter-hours", QUARTER, 32 * DAY),
    2: ("level 2", 3600, 400 * DAY),
    3: ("level 3", DAY, float("inf")),
}
OUTCOMES = ("success", "failed", "cancelled", "skipped")
SUMS = (*OUTCOMES, "milliseconds")
Figures = dict[tuple[Any, ...], Counter[str]]


def wrong_figures(seen: Evidence) -> Iterator[str]:
    """One sentence for each key whose tallies and pending entries do not add up to its runs.

    Beside the runs that are there count those that retention removed, of which tallies of their own tell.
    """
    quarters = recount(seen)
    for level, (name, length, kept) in LEVELS.items():
        since = seen.now - kept
        rows = [row for row in seen.tallies if row["level"] == level and row["start"] > since]
        right = since_then(regrouped(quarters, length), since)
        add(right, gathered([row for row in rows if row["removed"]], key_of))
        found = since_then(told(seen, rows, level=level, length=length), since)
        yield from differences(name, right, found)
    since = seen.now - LEVELS[1][2]
    by_scope = summed(since_then(told(seen, seen.tallies, pending=False), since))
    rows = [row for row in seen.scope_tallies if row["start"] > since]
    yield from differences("scopes", by_scope, gathered(rows, scope_key))


def since_then(figures: Figures, since: float) -> Figures:
    """What began after a moment; whatever began before is no longer kept."""
    return {key: one for key, one in figures.items() if key[0] > since}


def add(figures: Figures, more: Figures) -> None:
    for key, one in more.items():
        figures.setdefault(key, Counter()).update(one)


def recount(seen: Evidence) -> Figures:
    """By quarter-hour, workflow, scope, version and kind of trigger."""
    figures: Figures = {}
    for run in seen.runs.values():
        if run["is_test"] or run["status"] not in OUTCOMES:
            continue
        start = int(run["ended_at"] // QUARTER * QUARTER)
        key = (start, run["workflow_id"], run["scope_id"], run["version_id"] or 0, run["trigger_kind"])
        one = figures.setdefault(key, Counter())
        one[run["status"]] += 1
        if run["status"] == "skipped":
            one[f"reason {run['reason']}"] += 1
        if run["status"] in ("success", "failed") and run["started_at"] is not None:
            took = milliseconds(run)
            one["milliseconds"] += took
            one[f"bucket {bucket(took)}"] += 1
    return figures


def milliseconds(run: Row) -> int:
    """Whole ones; both moments are floats here, so microseconds are made whole first."""
    return max(round(run["ended_at"] * 1_000_000) - round(run["started_at"] * 1_000_000), 0) // 1000


def bucket(took: int) -> int:
    """Sixteen to each power of two, one to a millisecond below sixteen."""
    octave = 0
    while took >> octave >= 32:
        octave += 1
    return octave * 16 + (took >> octave)


def told(
    seen: Evidence, rows: list[Row], *, level: int = 1, length: int = QUARTER, pending: bool = True
) -> Figures:
    """What the tallies of a level say, with the entries that are not folded yet."""
    figures = gathered([row for row in rows if row["level"] == level and not row["removed"]], key_of)
    for entry in seen.entries if pending else ():
        start = int(entry["at"] // length * length)
        key = (start, entry["workflow_id"], entry["scope_id"], entry["version"], entry["trigger_kind"])
        one = figures.setdefault(key, Counter())
        one[entry["status"]] += entry["runs"]
        one["milliseconds"] += entry["milliseconds"]
        if entry["bucket"] is not None:
            one[f"bucket {entry['bucket']}"] += entry["runs"]
        if entry["status"] == "skipped":
            one[f"reason {entry['reason']}"] += entry["runs"]
    return figures


def gathered(rows: list[Row], key: Any) -> Figures:
    figures: Figures = {}
    for row in rows:
        one = figures.setdefault(key(row), Counter())
        for name in SUMS:
            one[name] += row[name]
        for column, word in (("durations", "bucket"), ("skipped_reasons", "reason")):
            for part in filter(None, row[column].split(",")):
                what, _, n = part.rpartition(":")
                one[f"{word} {what}"] += int(n)
    return figures


def key_of(row: Row) -> tuple[Any, ...]:
    return (int(row["start"]), row["workflow_id"], row["scope_id"], row["version"], row["trigger_kind"])


def scope_key(row: Row) -> tuple[Any, ...]:
    return (row["level"], int(row["start"]), row["scope_id"], row["trigger_kind"])


def regrouped(figures: Figures, length: int) -> Figures:
    """Quarter-hours as longer stretches; a rig keeps the time of UTC."""
    longer: Figures = {}
    for (start, *rest), one in figures.items():
        longer.setdefault((start // length * length, *rest), Counter()).update(one)
    return longer


def summed(figures: Figures) -> Figures:
    """The quarter-hours of all workflows of a scope together."""
    scopes: Figures = {}
    for (start, _workflow, scope, _version, kind), one in figures.items():
        scopes.setdefault((1, start, scope, kind), Counter()).update(one)
    return scopes


def differences(what: str, right: Figures, found: Figures) -> Iterator[str]:
    for key in sorted(right.keys() | found.keys()):
        if what == "scopes" and key[0] != 1:
            continue
        wanted, given = right.get(key, Counter()), found.get(key, Counter())
        names = [name for name in sorted(wanted | given) if wanted[name] != given[name]]
        for name in names:
            yield f"{what}: {key} counts {given[name]} {name}, its runs are {wanted[name]}"
