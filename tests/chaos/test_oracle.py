"""The oracle finds what breaks each invariant, and nothing in what keeps them all."""

import copy
import json
from collections.abc import Callable

import pytest

from tests.chaos.evidence import Evidence
from tests.chaos.invariants import INVARIANTS, to_remember
from tests.chaos.sound import RUN, attempt, chained, count_anew, event, run_row, sound, tally
from tests.chaos.tallies import wrong_figures


def verdict(seen: Evidence) -> dict[str, list[str]]:
    return {name: found for name, check in INVARIANTS.items() if (found := list(check(seen)))}


def lost_run(seen: Evidence) -> None:
    seen.answers.append({"delivery": "d-2", "status": 202, "run": RUN.replace("0", "f")})


def doubled_delivery(seen: Evidence) -> None:
    seen.runs["other"] = run_row(id="other")


def nobody_sent_it(seen: Evidence) -> None:
    seen.sent.clear()


def tickless(seen: Evidence) -> None:
    seen.runs["tick"] = run_row(id="tick", trigger_kind="schedule")


def made_up_for(seen: Evidence) -> None:
    """A tick that a pause skipped, and the run that its resume made up with."""
    due = {
        "trigger_kind": "schedule",
        "input": json.dumps({"data": {"due_at": "1970-01-01T00:01:00.000000Z"}}),
    }
    skipped = {"status": "skipped", "reason": "paused", "started_at": None, "version_id": None}
    seen.runs["skipped"] = run_row(id="skipped", **due, **skipped)
    seen.runs["once"] = run_row(id="once", **due)
    seen.ticks.append({"run_id": "skipped"})


def made_up_from_nothing(seen: Evidence) -> None:
    made_up_for(seen)
    seen.runs["once"]["input"] = json.dumps({"data": {"due_at": "1970-01-01T00:02:00.000000Z"}})


def cancelled_by_a_stop(seen: Evidence) -> None:
    seen.audit = chained(
        [event(1, None, "draft"), event(2, "draft", "active"), event(3, "active", "not_running")]
    )
    seen.audit[-1]["event"] = "Workflow stopped"
    seen.audit = chained(seen.audit)
    seen.workflows[1]["status"] = "not_running"
    seen.runs[RUN].update(status="cancelled", reason="cancelled")


def no_lease(seen: Evidence) -> None:
    seen.runs["open"] = run_row(
        id="open", delivery_id="d-1b", status="running", ended_at=None, lease_until=150.0
    )
    seen.sent["d-1b"] = {}


def held_for_ever(seen: Evidence) -> None:
    changes = {"status": "held", "reason": "paused", "ended_at": None, "started_at": None, "version_id": None}
    seen.runs["held"] = run_row(id="held", delivery_id="d-3", **changes)
    seen.sent["d-3"] = {}


def unintended(seen: Evidence) -> None:
    seen.requests[0]["at"] = 99.0


def asked_twice(seen: Evidence) -> None:
    seen.requests.append(dict(seen.requests[0]))


def begun_again(seen: Evidence) -> None:
    seen.attempts[RUN, "ask", ""] = [attempt(error_code="worker_died"), attempt(number=2)]


def late_start(seen: Evidence) -> None:
    seen.audit = chained([event(1, None, "draft"), event(2, "draft", "active"), event(3, "active", "paused")])
    seen.workflows[1]["status"] = "paused"
    seen.runs[RUN]["started_at"] = 180.5
    seen.attempts[RUN, "ask", ""][0]["started_at"], seen.requests[0]["at"] = 180.6, 180.7


def unaudited(seen: Evidence) -> None:
    seen.workflows[1]["status"] = "paused"


def unaudited_kill(seen: Evidence) -> None:
    seen.runs[RUN].update(status="cancelled", reason="killed")


def gap_in_the_story(seen: Evidence) -> None:
    seen.audit = chained([event(1, None, "draft"), event(2, "paused", "active")])


def changed_version(seen: Evidence) -> None:
    seen.memory = {"versions": {"1": "b"}}


def wild_way(seen: Evidence) -> None:
    seen.audit = chained([event(1, None, "draft"), event(2, "draft", "paused"), event(3, "paused", "active")])
    seen.runs[RUN]["started_at"] = 181.0
    seen.attempts[RUN, "ask", ""][0]["started_at"], seen.requests[0]["at"] = 181.1, 181.2


def reopened(seen: Evidence) -> None:
    seen.memory = {"closed": {RUN: "failed 101.0 1"}}


def open_with_an_end(seen: Evidence) -> None:
    seen.runs[RUN].update(status="waiting", due_at=300.0)


def other_version(seen: Evidence) -> None:
    seen.memory = {"run_versions": {RUN: 7}}


def no_version(seen: Evidence) -> None:
    seen.runs[RUN].update(status="failed", version_id=None)


def rewritten(seen: Evidence) -> None:
    seen.audit[0]["reason"] = "another"


def cut_out(seen: Evidence) -> None:
    seen.audit = chained([event(1, None, "draft"), event(3, "draft", "active")])


def uncounted(seen: Evidence) -> None:
    seen.tallies[0]["success"] = 0


def counted_twice(seen: Evidence) -> None:
    seen.entries.append(
        {
            "at": 0.0, "workflow_id": 1, "scope_id": 1, "version": 1, "trigger_kind": "webhook",
            "status": "success", "reason": "", "bucket": 111, "runs": 1, "milliseconds": 1000,
        }
    )  # fmt: skip


def wrong_day(seen: Evidence) -> None:
    seen.tallies[2]["durations"] = "112:1"


def wrong_scope(seen: Evidence) -> None:
    seen.scope_tallies[0]["scope_id"] = 2


def removed_and_uncounted(seen: Evidence) -> None:
    """Retention took a run, of which the tallies no longer tell."""
    seen.tallies += [tally(level=level, removed=True) for level in (1, 2, 3)]


def unknown_roll_up(seen: Evidence) -> None:
    seen.tables.add("runs_hourlytally")


@pytest.mark.parametrize(
    ("breach", "invariants"),
    [
        (lost_run, ["I1"]),
        (doubled_delivery, ["I1"]),
        (nobody_sent_it, ["I2"]),
        (tickless, ["I2"]),
        (made_up_from_nothing, ["I2"]),
        (no_lease, ["I3"]),
        (held_for_ever, ["I3"]),
        (unintended, ["I4"]),
        (asked_twice, ["I5"]),
        (begun_again, ["I5"]),
        (late_start, ["I6"]),
        (unaudited, ["I7"]),
        (unaudited_kill, ["I7"]),
        (gap_in_the_story, ["I7"]),
        (changed_version, ["I8"]),
        (wild_way, ["I9"]),
        (reopened, ["I9"]),
        (open_with_an_end, ["I9"]),
        (other_version, ["I10"]),
        (no_version, ["I10"]),
        (rewritten, ["I11"]),
        (cut_out, ["I11"]),
        (uncounted, ["I12"]),
        (counted_twice, ["I12"]),
        (wrong_day, ["I12"]),
        (wrong_scope, ["I12"]),
        (removed_and_uncounted, ["I12"]),
        (unknown_roll_up, ["I12"]),
    ],
)  # fmt: skip
def test_breach_is_found(breach: Callable[[Evidence], None], invariants: list[str]) -> None:
    seen = sound()
    breach(seen)
    if invariants != ["I12"]:
        count_anew(seen)
    assert list(verdict(seen)) == invariants


def test_what_is_sound_breaks_nothing() -> None:
    assert verdict(sound()) == {}


@pytest.mark.parametrize("way", [made_up_for, cancelled_by_a_stop])
def test_what_looks_odd_and_is_sound_breaks_nothing(way: Callable[[Evidence], None]) -> None:
    seen = sound()
    way(seen)
    count_anew(seen)
    assert verdict(seen) == {}


def test_runs_that_retention_removed_stay_counted() -> None:
    seen = sound()
    seen.runs.clear()
    assert len(list(wrong_figures(seen))) > 0

    seen.tallies += [tally(level=level, removed=True) for level in (1, 2, 3)]
    assert list(wrong_figures(seen)) == []


def test_counts_of_quarter_hours_are_asked_for_as_long_as_they_are_kept() -> None:
    seen = sound()
    seen.tallies = [row for row in seen.tallies if row["level"] > 1]
    seen.scope_tallies = [row for row in seen.scope_tallies if row["level"] > 1]
    assert len(list(wrong_figures(seen))) > 0

    seen.now = 33 * 86_400.0
    assert list(wrong_figures(seen)) == []


def test_what_is_remembered_of_a_sound_rig_is_kept_by_it() -> None:
    seen = sound()
    seen.memory = json.loads(to_remember(copy.deepcopy(seen)))
    assert verdict(seen) == {}
