"""Each detector on plain histories: what it must say, and what it must not."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from runs.monitoring.detecting.durations import rank_test
from runs.monitoring.detecting.failing import Ended, Usual, failures, usual
from runs.monitoring.detecting.judging import BLOCKS, SPANS, Learned, Recent, Seen, is_over, judge
from runs.monitoring.detecting.rhythm import HOURS, Rhythm
from runs.monitoring.detecting.verdicts import Kind, Verdict
from runs.monitoring.histogram import bucket_of

MONDAY = date(2026, 1, 5)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday, 56 days later
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = bucket_of(1000)
NORMAL = {SECOND - 2: 20, SECOND: 60, SECOND + 2: 20}


def steady(_day: int, _hour: int) -> int:
    return 30


def office(day: int, hour: int) -> int:
    return 40 if day % 7 < 5 and 8 <= hour < 18 else 0


def nightly(_day: int, hour: int) -> int:
    return int(hour == 2)


def learned(per_hour: Callable[[int, int], int | None], *, days: int = 56) -> Learned:
    counts = [per_hour(day, hour) for day in range(56 - days, 56) for hour in range(HOURS)]
    start = MONDAY + timedelta(days=56 - days)
    return Learned(Rhythm(start, counts), usual([Ended(700, 7)] * 28), [[NORMAL] * BLOCKS] * 28)


def recent(**changes: Any) -> Recent:
    facts: dict[str, Any] = {
        "now": NOW,
        "last_hour": 30,
        "last_end": NOW - timedelta(minutes=3),
        "active_since": LONG_AGO,
    }
    ended = changes.pop("ended", [Ended(30, 0), Ended(180, 1), Ended(720, 7)])
    durations = changes.pop("durations", [NORMAL] * 3)
    facts |= changes
    begins = [facts["now"] - span for span in SPANS]
    windows = [Seen(*window) for window in zip(begins, ended, durations, strict=True)]
    return Recent(**facts, windows=windows)


def kinds(verdicts: list[Verdict]) -> list[Kind]:
    return [verdict.kind for verdict in verdicts]


def test_an_ordinary_hour_is_not_unusual() -> None:
    assert judge(learned(steady), recent(), UTC) == []


def test_spike_names_the_hour_and_what_was_expected() -> None:
    (verdict,) = judge(learned(steady), recent(last_hour=200), UTC)

    assert (verdict.kind, verdict.observed, verdict.expected) == (Kind.SPIKE, 200, pytest.approx(30))
    assert (verdict.since, verdict.until) == (NOW - timedelta(hours=1), NOW)


@pytest.mark.parametrize("count", [85, 19])
def test_less_than_three_times_the_usual_is_no_spike(count: int) -> None:
    assert judge(learned(steady), recent(last_hour=count), UTC) == []


def test_what_comes_right_after_a_resume_is_no_spike() -> None:
    resumed = recent(last_hour=200, active_since=NOW - timedelta(hours=1))

    assert judge(learned(steady), resumed, UTC) == []


def test_a_workflow_with_floods_in_its_past_needs_a_larger_one() -> None:
    def flooding(day: int, hour: int) -> int:
        return 300 if (day, hour) in ((10, 4), (31, 21), (45, 15)) else 30

    assert judge(learned(flooding), recent(last_hour=300), UTC) == []
    assert kinds(judge(learned(flooding), recent(last_hour=500), UTC)) == [Kind.SPIKE]


def test_silence_of_a_busy_workflow_is_told_within_two_hours() -> None:
    silent = recent(last_hour=0, last_end=NOW - timedelta(minutes=90), ended=[Ended(0, 0)] * 3)

    (verdict,) = judge(learned(steady), silent, UTC)

    assert (verdict.kind, verdict.observed, verdict.expected) == (Kind.SILENCE, 0, pytest.approx(45))
    assert verdict.since == NOW - timedelta(minutes=90)


def test_a_missed_night_is_told_in_the_morning() -> None:
    missed = recent(last_hour=0, last_end=datetime(2026, 3, 1, 2, 5, tzinfo=UTC), ended=[Ended(0, 0)] * 3)

    assert kinds(judge(learned(nightly), missed, UTC)) == [Kind.SILENCE]


def test_a_night_that_is_a_little_late_is_not_silent() -> None:
    late = recent(
        now=datetime(2026, 3, 2, 3, 30, tzinfo=UTC),
        last_hour=0,
        last_end=datetime(2026, 3, 1, 2, 5, tzinfo=UTC),
        ended=[Ended(0, 0)] * 3,
    )

    assert judge(learned(nightly), late, UTC) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 3, 7, 20, tzinfo=UTC), []),  # Saturday evening
        (datetime(2026, 3, 9, 7, tzinfo=UTC), []),  # Monday, before the office opens
        (datetime(2026, 3, 9, 11, tzinfo=UTC), [Kind.SILENCE]),
    ],
)
def test_weekends_are_not_silent_but_a_monday_is(now: datetime, expected: list[Kind]) -> None:
    friday = recent(
        now=now, last_hour=0, last_end=datetime(2026, 3, 6, 17, 50, tzinfo=UTC), ended=[Ended(0, 0)] * 3
    )

    assert kinds(judge(learned(office), friday, UTC)) == expected


@pytest.mark.parametrize("active_since", [None, NOW - timedelta(minutes=40)])
def test_nobody_expects_runs_of_what_does_not_run(active_since: datetime | None) -> None:
    silent = recent(last_hour=0, last_end=LONG_AGO, active_since=active_since, ended=[Ended(0, 0)] * 3)

    assert judge(learned(steady), silent, UTC) == []


def test_silence_is_not_told_of_what_runs_rarely_or_is_new() -> None:
    silent = recent(last_hour=0, last_end=NOW - timedelta(hours=30), ended=[Ended(0, 0)] * 3)

    def mondays(day: int, hour: int) -> int:
        return int(day % 7 == 0 and hour == 7)

    assert judge(learned(mondays), silent, UTC) == []
    assert judge(learned(steady, days=14), silent, UTC) == []


def test_failures_above_the_usual_are_told_with_their_numbers() -> None:
    failing = recent(ended=[Ended(20, 12), Ended(170, 12), Ended(720, 12)])

    (verdict,) = judge(learned(steady), failing, UTC)

    assert verdict.kind is Kind.FAILURES
    assert verdict.observed == 0.375
    assert verdict.facts == {"failed": 12, "ended": 32, "above_rule": 1}


def test_failures_that_are_over_open_nothing() -> None:
    over = recent(ended=[Ended(30, 0), Ended(150, 30), Ended(720, 30)])

    assert judge(learned(steady), over, UTC) == []


def test_failures_of_a_new_workflow_are_judged_by_the_rule() -> None:
    unknown = usual([])

    found = failures([(NOW - SPANS[0], Ended(20, 20))], unknown, now=NOW)

    assert found is not None
    assert found.facts["above_rule"] == 1
    assert failures([(NOW - SPANS[0], Ended(19, 3))], unknown, now=NOW) is None


def test_usual_leaves_one_bad_day_out_but_learns_from_two() -> None:
    good = [Ended(500, 1)] * 26

    once, twice = usual([*good, Ended(250, 250)]), usual([*good, Ended(250, 250), Ended(300, 200)])

    assert once.ratio < 0.005
    assert once.bad_day < 0.005
    assert twice.bad_day == 0.4
    assert twice.ratio > once.ratio


def test_usual_is_open_where_little_is_known() -> None:
    assert usual([Ended(3, 0)]).b < 15 < usual([Ended(900, 0)] * 28).b


def test_usual_ratio_is_a_mean() -> None:
    assert Usual(1, 3).ratio == 0.25


def test_runs_that_take_twice_as_long_are_told() -> None:
    slow = {SECOND + 16: 40, SECOND + 18: 20}

    (verdict,) = judge(learned(steady), recent(durations=[slow, slow, slow]), UTC)

    assert verdict.kind is Kind.DURATION
    assert verdict.observed > 1.9 * verdict.expected
    assert verdict.facts["runs"] == 60


def test_runs_that_take_a_fifth_longer_are_not_told() -> None:
    slow = {SECOND + 3: 60}

    assert judge(learned(steady), recent(durations=[slow, slow, slow]), UTC) == []


def test_few_runs_tell_nothing_about_durations() -> None:
    slow = {SECOND + 16: 29}

    assert judge(learned(steady), recent(durations=[slow, slow, slow]), UTC) == []


def test_schedule_slower_than_its_interval_is_told() -> None:
    interval = 900_000.0
    slow = {bucket_of(2_000_000): 20, SECOND: 40}

    verdicts = judge(
        learned(steady),
        recent(durations=[{}, {}, slow], interval_ms=interval),
        UTC,
        open_kinds=[Kind.DURATION],
    )

    late = next(verdict for verdict in verdicts if verdict.kind is Kind.SLOW_SCHEDULE)
    assert late.expected == interval
    assert late.facts["late"] == 20


def test_rank_test_knows_ties_and_direction() -> None:
    assert rank_test({5: 10}, {5: 90}) == (0.5, 1.0)
    superiority, p = rank_test({9: 40}, {5: 400})
    assert superiority == 1.0
    assert p < 1e-20
    assert rank_test({1: 40}, {5: 400})[0] == 0.0


def test_findings_close_after_a_quiet_hour_silence_at_once() -> None:
    seen = NOW - timedelta(minutes=45)

    assert not is_over(Kind.FAILURES, seen, NOW)
    assert is_over(Kind.FAILURES, seen, NOW + timedelta(minutes=15))
    assert is_over(Kind.SILENCE, seen, NOW)
