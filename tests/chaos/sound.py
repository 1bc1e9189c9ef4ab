"""Evidence in which every invariant holds, for tests of the oracle to break."""

from collections import Counter
from typing import Any

from tests.chaos.chain import GENESIS, hash_of
from tests.chaos.evidence import Evidence
from tests.chaos.tallies import SUMS, recount, regrouped, summed

RUN = "01a22049-4981-7a99-84a3-0e7087c2af3c"
KEY = f"{RUN}.ask"


def run_row(**changes: Any) -> dict[str, Any]:
    return {
        "id": RUN, "workflow_id": 1, "scope_id": 1, "version_id": 1, "status": "success", "reason": "", "trigger_kind": "webhook",
        "trigger_id": "hook", "input": "{}", "delivery_id": "d-1", "is_test": False, "passes_gate": False, "replay_of_id": None, "parent_id": None,
        "due_at": None, "lease_until": None, "held_until": None, "started_at": 100.0, "ended_at": 101.0, "fence": 1,
        **changes,
    }  # fmt: skip


def event(number: int, before: str | None, after: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": number, "time": f"1970-01-01T00:0{number}:00.000000Z", "event": "Workflow activated",
        "actor_kind": "system", "actor_id": "", "actor_digest": "", "subject_kind": "workflow", "subject_id": "1",
        "subject_digest": "", "scope_id": 1, "before": {"status": before} if before else {}, "reason": "",
        "after": {"status": after}, "origin": "system", "correlation": "", "history": {}, **changes,
    }  # fmt: skip


def chained(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    previous = GENESIS
    for link in events:
        link["previous_hash"], link["hash"] = previous, hash_of(link, previous)
        previous = link["hash"]
    return events


def attempt(**changes: Any) -> dict[str, Any]:
    return {"number": 1, "started_at": 100.1, "error_code": "", **changes}


def tally(**changes: Any) -> dict[str, Any]:
    """The one run that is sound: it took a second."""
    return {
        "level": 1, "start": 0.0, "workflow_id": 1, "scope_id": 1, "version": 1, "trigger_kind": "webhook",
        "removed": False, "success": 1, "failed": 0, "cancelled": 0, "skipped": 0, "milliseconds": 1000,
        "durations": "111:1", "skipped_reasons": "", **changes,
    }  # fmt: skip


def count_anew(seen: Evidence) -> None:
    """The tallies of whatever runs there are, so that a breach shows by itself alone."""
    quarters = recount(seen)
    levels = {1: quarters, 2: regrouped(quarters, 3600), 3: regrouped(quarters, 86_400)}
    seen.tallies = [
        tally(
            level=level, start=start, workflow_id=workflow, scope_id=scope, version=version, trigger_kind=kind,
            **columns(one),
        )
        for level, figures in levels.items()
        for (start, workflow, scope, version, kind), one in figures.items()
    ]  # fmt: skip
    seen.scope_tallies = [
        tally(level=level, start=start, scope_id=scope, trigger_kind=kind, **columns(one))
        for (level, start, scope, kind), one in summed(quarters).items()
    ]


def columns(one: Counter[str]) -> dict[str, Any]:
    texts = {
        column: ",".join(f"{name.split()[1]}:{n}" for name, n in one.items() if name.startswith(f"{word} "))
        for column, word in (("durations", "bucket"), ("skipped_reasons", "reason"))
    }
    return texts | {name: one[name] for name in SUMS}


def sound() -> Evidence:
    return Evidence(
        runs={RUN: run_row()},
        attempts={(RUN, "ask", ""): [attempt()]},
        workflows={1: {"id": 1, "status": "active", "deleted_at": None}},
        versions=[{"id": 1, "content_hash": "a", "published_at": 50.0}],
        triggers={},
        ticks=[],
        deliveries=[],
        tallies=[tally(level=level) for level in (1, 2, 3, 4)],
        scope_tallies=[tally(level=level) for level in (1, 2, 3, 4)],
        entries=[],
        tables={"runs_run", "runs_tally"},
        audit=chained([event(1, None, "draft"), event(2, "draft", "active")]),
        sent={"d-1": {"delivery": "d-1"}},
        answers=[{"delivery": "d-1", "status": 202, "run": RUN}],
        requests=[{"key": KEY, "at": 100.2, "method": "POST"}],
        now=200.0,
        lease=2.0,
    )
