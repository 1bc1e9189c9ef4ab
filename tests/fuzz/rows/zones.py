"""R34: due instants of 30 cron lines in 20 zones, 2024 to 2030, against the minute-by-minute oracle."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from random import Random

from tests.chaos.matrix import Outcome
from tests.workflows.triggers.oracle import Wall
from workflows.triggers.timetable import Timetable

ZONES = (
    "Europe/Berlin", "Europe/London", "Europe/Istanbul", "America/New_York", "America/St_Johns", "America/Santiago",
    "America/Nuuk", "America/Sao_Paulo", "America/Mexico_City", "Australia/Lord_Howe", "Australia/Sydney",
    "Pacific/Chatham", "Pacific/Apia", "Asia/Kathmandu", "Asia/Almaty", "Asia/Gaza", "Africa/Cairo",
    "Africa/Casablanca", "Antarctica/Troll", "UTC",
)  # fmt: skip
LINES = (
    # Fixed times: once in a repeated hour, and at its end in a missing one.
    "30 2 * * *", "0 0 * * *", "59 23 * * *", "15 1 * * *", "45 1 * * *", "0 3 * * *", "0,30 2,3 * * *",
    "10 0-4 * * *", "30 1 * * 0", "0 2 * * 6,7", "30 23 31 10 *", "0 12 29 2 *", "0 0 1 * *", "30 2 31 * *",
    "15 2 25-31 3,10 0", "0 6 13 * 5", "5-55/25 1,2 * * *", "0 12 1-7 * 1",
    # Rhythms: every time that the wall shows.
    "0 * * * *", "*/30 * * * *", "*/20 * * * *", "45 */2 * * *", "*/15 2 * * *", "*/10 0,3 * * *", "*/15 23 * * *",
    "*/20 1-3 * * 0", "30 */6 * * 1-5", "*/7 2 1-7 * *", "0 */1 * 3,4,10,11 *", "*/45 * 29 2 *",
)  # fmt: skip
FIRST_YEAR, LAST_YEAR = 2024, 2030


def due_instants(seed: int, trials: int) -> Outcome:
    """So many pairs of a zone and a line, all seven years; zone by zone, since reading the clock takes longest."""
    pairs = Random(seed).sample(
        [(zone, line) for zone in ZONES for line in LINES], min(trials, len(ZONES) * len(LINES))
    )
    outcome = Outcome(measured="seven years of one line")
    for zone in ZONES:
        lines = [line for of, line in pairs if of == zone]
        if lines:
            compare(zone, FIRST_YEAR, LAST_YEAR, lines, outcome)
    return outcome


def compare(zone: str, first: int, last: int, lines: Iterable[str], outcome: Outcome) -> None:
    """Count every line whose due instants in these years are not exactly the oracle's."""
    start, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    wall = Wall(zone, start, end)
    for line in lines:
        begun = time.perf_counter()
        found = list(Timetable.from_trigger(cron=line, timezone=zone).between(start, end, anchor=start))
        took, expected = time.perf_counter() - begun, wall.due(line)
        wrong = sorted(set(found) ^ set(expected))
        problems = [f"{line} in {zone}: {wrong[:3]}"] if found != expected else []
        outcome.add(1, problems, took)
