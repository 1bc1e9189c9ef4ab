"""A part of the simulation whose figures docs/findings.md gives, on every commit: histories of seed 2, led through the very
detectors of the product. Each kind has three planted anomalies that are found; the clean weeks have no false alarm.
"""

import pytest

from bench.anomalies import JUDGED, Case, outcome_of
from runs.monitoring.detecting.verdicts import Kind

SEED = 2
# Planted histories take the kinds by turns; from the fifteenth on three rounds were found in full.
PLANTED = range(15, 30)
# Office hours, and a schedule every 15 minutes: rhythms on which nothing was found that is not there.
CLEAN = (0, 24)
FALSE = {Kind.DURATION: 1, Kind.SILENCE: 1}


@pytest.fixture(scope="module")
def outcome():
    planted = [Case(SEED, number, has_anomaly=True) for number in PLANTED]
    return outcome_of([*planted, *(Case(SEED, number, has_anomaly=False) for number in CLEAN)])


@pytest.mark.parametrize("kind", Kind)
def test_planted_anomalies_are_found(outcome, kind: Kind) -> None:
    assert (outcome.kinds[kind].planted, outcome.kinds[kind].found) == (3, 3)


@pytest.mark.parametrize("kind", Kind)
def test_false_alarms_are_no_more_than_documented(outcome, kind: Kind) -> None:
    assert outcome.clean_weeks == len(CLEAN) * JUDGED
    assert outcome.kinds[kind].false <= FALSE.get(kind, 0)
