"""R30: whatever is done in whatever order, statuses change only along the table."""

import time

from hypothesis import seed as seeded

from tests.chaos.matrix import Outcome
from tests.runs.test_state_machine import Lifecycle, random_operations

STEPS = 50


def only_allowed_transitions(seed: int, trials: int) -> Outcome:
    """So many lives of two workflows, 50 operations each, on the real database."""
    outcome, begun = Outcome(measured="all of it"), time.perf_counter()
    problems = []
    try:
        random_operations(seeded(seed)(Lifecycle), examples=trials, steps=STEPS)
    except Exception as broken:
        problems = [f"{broken!r}"]
    outcome.add(trials, problems, time.perf_counter() - begun)
    return outcome
