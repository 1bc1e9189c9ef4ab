"""The first counts of the rows that random input proves; `make fuzz` runs the full ones."""

import pytest

from tests.chaos.matrix import Outcome
from tests.fuzz.rows import hostile, zones

SEED = 34


# A third of the lines that name hours; those of every hour are walked on demand.
NIGHTLY = [line for line in zones.LINES if line.split()[1] != "*"][::3]


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "America/Nuuk", "Africa/Cairo"])
def test_due_instants_of_a_year_are_the_oracles(zone: str) -> None:
    outcome = Outcome()
    zones.compare(zone, 2024, 2024, NIGHTLY, outcome)

    assert (outcome.failures, outcome.count) == ([], len(NIGHTLY))


@pytest.mark.django_db
def test_hostile_schedules_are_refused_or_set_aside() -> None:
    outcome = hostile.schedules(SEED, 500)

    assert (outcome.failures, outcome.count) == ([], 500)


@pytest.mark.django_db
def test_loop_goes_on_among_many_hostile_schedules() -> None:
    assert (
        hostile.in_the_loop([*hostile.NEVER, *hostile.WRONG, *hostile.ZONES, "[]", "{}", "null", "1"]) == []
    )
