"""I1 to I12 of reliability.md, section 4: each a function from the evidence to the breaches, one sentence each."""

import json
from collections import Counter
from collections.abc import Callable, Iterator

from tests.chaos.chain import broken_links
from tests.chaos.evidence import Evidence, Row, place_of
from tests.chaos.tallies import wrong_figures
from tests.chaos.told import closed_times, status_events

Breaches = Iterator[str]
CLOSED = {"success", "failed", "cancelled", "skipped"}
# What a run that executes ends at, at its next boundary, without an event of its own.
CLOSINGS = {"Workflow paused", "Workflow stopped", "Workflow archived", "Workflow deleted"}
# Attempts at steps are not judged here: I4 and I5 judge them one by one.
TALLY_TABLES = {
    "runs_tally", "runs_scopetally", "runs_steptally", "runs_tallyentry", "runs_tallybook",
}  # fmt: skip
RECOVERY = 10.0
SLACK = 0.001

# From product.md, section 2: who may follow whom. Written down here anew, not taken from the product.
WAYS = {
    (None, "draft"), ("draft", "active"), ("draft", "archived"), ("active", "paused"), ("active", "not_running"),
    ("paused", "active"), ("paused", "not_running"), ("not_running", "active"), ("not_running", "archived"),
    ("archived", "not_running"), ("archived", "draft"),
}  # fmt: skip
REPEATING = {"GET", "HEAD", "PUT", "DELETE"}


def accepted_is_kept(seen: Evidence) -> Breaches:
    """I1: each 2xx answer names a run that stands; a delivery id never has more than one."""
    for answer in seen.answers:
        if 200 <= answer["status"] < 300 and answer["run"] not in seen.runs:
            yield f"the run {answer['run'] or '(none)'} of delivery {answer['delivery']} does not exist"
    known = Counter((run["workflow_id"], run["delivery_id"]) for run in _webhooks(seen) if run["delivery_id"])
    for (_workflow, delivery), count in known.items():
        if count > 1:
            yield f"delivery {delivery} has {count} runs"


def _webhooks(seen: Evidence) -> Iterator[Row]:
    return (run for run in seen.runs.values() if run["trigger_kind"] == "webhook")


def every_run_has_an_occurrence(seen: Evidence) -> Breaches:
    """I2: a webhook's run was sent, a schedule's has its tick, a child its parent, a person's its event.

    A resume may make up for ticks that its pause skipped: such a run names the newest of them.
    """
    ticks = {tick["run_id"] for tick in seen.ticks}
    skipped = {
        _due_instant(run) for run in seen.runs.values() if run["reason"] == "paused" and run["id"] in ticks
    }
    by_hand = sum(event["event"] == "Run started by hand" for event in seen.audit)
    for run in seen.runs.values():
        kind = run["trigger_kind"]
        if run["replay_of_id"] or run["is_test"]:
            continue
        if kind == "webhook" and run["delivery_id"] not in seen.sent:
            yield f"nobody sent the delivery {run['delivery_id']!r} of run {run['id']}"
        if kind == "schedule" and run["id"] not in ticks and _due_instant(run) not in skipped:
            yield f"run {run['id']} has no due instant"
        if kind == "workflow" and run["parent_id"] not in seen.runs:
            yield f"run {run['id']} has no parent"
    manual = sum(run["trigger_kind"] == "manual" and not run["is_test"] for run in seen.runs.values())
    if manual > by_hand + sum(event["event"] == "Run replayed" for event in seen.audit):
        yield f"{manual} runs by hand, but only {by_hand} events about them"


def _due_instant(run: Row) -> tuple[int, str, str]:
    """Of a schedule's run: workflow, trigger, and the instant that it is given as its data."""
    return run["workflow_id"], run["trigger_id"], json.loads(run["input"]).get("data", {}).get("due_at", "")


def nothing_is_stuck(seen: Evidence) -> Breaches:
    """I3: what is open has a live lease or a due time; what is held or undecided says why."""
    late = seen.now - seen.lease - RECOVERY
    for run in seen.runs.values():
        name, status = f"run {run['id']} ({run['status']})", run["status"]
        due, lease = run["due_at"], run["lease_until"]
        if status == "running" and (lease is None or lease < late):
            yield f"{name} has no live lease"
        if status == "pending" and due is None:
            yield f"{name} has no due time"
        if status == "waiting" and due is None and run["reason"] != "child":
            yield f"{name} has no due time"
        if status in ("held", "needs_decision") and not run["reason"]:
            yield f"{name} does not say why"
        if status == "held" and run["started_at"] is None and run["held_until"] is None:
            yield f"{name} does not say until when"


def no_effect_without_intent(seen: Evidence) -> Breaches:
    """I4: each request at the sink has an attempt that was begun before."""
    for request in seen.requests:
        attempts = seen.attempts.get(place_of(request["key"]), [])
        if not any(attempt["started_at"] <= request["at"] + SLACK for attempt in attempts):
            yield f"a request under {request['key']} has no earlier intent"


def effects_within_attempts(seen: Evidence) -> Breaches:
    """I5: no more requests per key than attempts; more than one only under repeat, retry or a person's Repeat."""
    for key, count in Counter(request["key"] for request in seen.requests).items():
        attempts = seen.attempts.get(place_of(key), [])
        if count > len(attempts):
            yield f"{count} requests under {key}, but {len(attempts)} attempts"
    methods = {request["key"]: request["method"] for request in seen.requests}
    repeated = {event["subject_id"] for event in seen.audit if event["event"] == "Run decided"}
    for key, method in methods.items():
        run, _step, _item = place = place_of(key)
        died = [
            attempt for attempt in seen.attempts.get(place, [])[:-1] if attempt["error_code"] == "worker_died"
        ]
        if died and method not in REPEATING and run not in repeated:
            yield f"the step {key} ({method}) was begun again by itself after a worker's death"


def nothing_starts_while_closed(seen: Evidence) -> Breaches:
    """I6: no unmarked run has a start within a time in which its workflow's gate was closed."""
    closed = closed_times(seen.audit)
    for run in seen.runs.values():
        started = run["started_at"]
        if started is None or run["is_test"] or run["passes_gate"]:
            continue
        for begin, end in closed.get(str(run["workflow_id"]), []):
            if begin < started < end:
                yield f"run {run['id']} started {started - begin:.6f} s after its workflow's gate closed"


def changes_and_events_agree(seen: Evidence) -> Breaches:
    """I7: the events, replayed, give every workflow's present status, and each begins where the last one ended."""
    present: dict[str, str | None] = {}
    for event in status_events(seen.audit):
        subject, before = event["subject_id"], event["before"].get("status")
        if subject in present and before != present[subject]:
            yield f"event {event['id']} says workflow {subject} was {before}, the one before says {present[subject]}"
        present[subject] = event["after"]["status"]
    for workflow in seen.workflows.values():
        told = present.get(str(workflow["id"]), "draft")
        if workflow["status"] != told and workflow["deleted_at"] is None:
            yield f"workflow {workflow['id']} is {workflow['status']}, its last event says {told}"
    told = {event["subject_id"] for event in seen.audit if event["event"] in ("Run killed", "Run cancelled")}
    closed = {event["subject_id"] for event in seen.audit if event["event"] in CLOSINGS}
    for run in seen.runs.values():
        is_ended = run["status"] == "cancelled" and run["reason"] in ("killed", "cancelled")
        by_workflow = run["reason"] == "cancelled" and str(run["workflow_id"]) in closed
        if is_ended and run["id"] not in told and not by_workflow:
            yield f"run {run['id']} was {run['reason']} without an event"


def versions_stay(seen: Evidence) -> Breaches:
    """I8: a published version has the content that it had when the oracle looked before."""
    before = seen.memory.get("versions", {})
    for version in seen.versions:
        told = before.get(str(version["id"]))
        if told and version["published_at"] and told != version["content_hash"]:
            yield f"version {version['id']} changed after it was published"


def statuses_follow_the_table(seen: Evidence) -> Breaches:
    """I9: workflows move along the table only; closed runs stay closed and are whole."""
    for event in status_events(seen.audit):
        way = (event["before"].get("status"), event["after"]["status"])
        if way not in WAYS:
            yield f"event {event['id']} moves a workflow from {way[0]} to {way[1]}"
    for run in seen.runs.values():
        told = seen.memory.get("closed", {}).get(run["id"])
        if told and told != _ending(run):
            yield f"closed run {run['id']} changed from {told} to {_ending(run)}"
        if (run["status"] in CLOSED) != (run["ended_at"] is not None):
            yield f"run {run['id']} is {run['status']}, yet ended at {run['ended_at']}"
        if run["status"] == "success" and (run["started_at"] is None or run["version_id"] is None):
            yield f"run {run['id']} succeeded without a start or a version"


def _ending(run: Row) -> str:
    return f"{run['status']} {run['ended_at']} {run['fence'] if run['reason'] != 'killed' else ''}".strip()


def version_is_set_once(seen: Evidence) -> Breaches:
    """I10: what is not a held or skipped trigger has a version; once set, it stays."""
    for run in seen.runs.values():
        told = seen.memory.get("run_versions", {}).get(run["id"])
        if told and run["version_id"] != told:
            yield f"the version of run {run['id']} changed"
        started = run["status"] in ("pending", "running", "waiting", "success", "failed", "needs_decision")
        if started and run["version_id"] is None:
            yield f"run {run['id']} ({run['status']}) has no version"


def chain_verifies(seen: Evidence) -> Breaches:
    """I11: recomputed from the export."""
    yield from broken_links(seen.audit)


def roll_ups_agree(seen: Evidence) -> Breaches:
    """I12: tallies and the entries not yet folded equal a recount; a table of figures unknown here is a breach."""
    yield from wrong_figures(seen)
    unknown = {name for name in seen.tables if "tally" in name} - TALLY_TABLES
    yield from (f"table {name} is not checked" for name in sorted(unknown))


INVARIANTS: dict[str, Callable[[Evidence], Breaches]] = {
    "I1": accepted_is_kept,
    "I2": every_run_has_an_occurrence,
    "I3": nothing_is_stuck,
    "I4": no_effect_without_intent,
    "I5": effects_within_attempts,
    "I6": nothing_starts_while_closed,
    "I7": changes_and_events_agree,
    "I8": versions_stay,
    "I9": statuses_follow_the_table,
    "I10": version_is_set_once,
    "I11": chain_verifies,
    "I12": roll_ups_agree,
}


def to_remember(seen: Evidence) -> str:
    """What must not change until the oracle is asked again."""
    return json.dumps(
        {
            "versions": {str(v["id"]): v["content_hash"] for v in seen.versions if v["published_at"]},
            "closed": {run["id"]: _ending(run) for run in seen.runs.values() if run["status"] in CLOSED},
            "run_versions": {r["id"]: r["version_id"] for r in seen.runs.values() if r["version_id"]},
        }
    )
