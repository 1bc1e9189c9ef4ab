"""The replay itself: Django is set up, the clock is ours."""

import csv
import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from runs.engine import batch, executor
from runs.models import Finding, Run
from runs.monitoring import figures, folding
from runs.monitoring.findings import rounds, wording
from runs.monitoring.windows import Grain, Window
from workflows import services
from workflows.models import Scope, Workflow
from workflows.services import status, tokens

ZONE = ZoneInfo("Europe/Amsterdam")
ACTIVITY, CASE = "permit.activity", "permit.case"
LONGEST = timedelta(days=29)
"""A run lasts 30 days at most; longer cases are cut to this."""
QUARTER = timedelta(minutes=15)
ROUND_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Event:
    """One line of the log; `at` as it is moved."""

    case: str
    activity: str
    resource: str
    at: datetime


@dataclass
class Clock:
    """The time that the product is told. It never goes back."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def set(self, moment: datetime) -> None:
        self.now = max(moment, self.now + timedelta(microseconds=1))

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Everywhere the product reads the time."""
        nanoseconds = SimpleNamespace(time_ns=lambda: int(self.now.timestamp() * 1_000_000) * 1000)
        with (
            patch("config.clock.datetime", SimpleNamespace(now=lambda zone: self.now.astimezone(zone))),
            patch("config.ids.time", nanoseconds),
            patch.object(timezone, "now", lambda: self.now),
        ):
            yield


def run(path: Path, *, weeks: int, look_days: int) -> None:
    """Replay and print."""
    events = list(_read(path))
    if weeks:
        events = [event for event in events if event.at > events[-1].at - timedelta(weeks=weeks)]
    call_command("migrate", verbosity=0)
    clock = Clock(now=events[0].at - timedelta(hours=1))
    with clock.shown():
        flows = _workflows()
        _replay(clock, events, look_from=events[-1].at - timedelta(days=look_days) if look_days else None)
        while folding.fold():
            pass
    _tell(events, flows)


def _read(path: Path) -> Iterator[Event]:
    """The events by time, moved by whole weeks; local times stay what they are on the clock of the wall."""
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    local = [datetime.fromisoformat(row["time:timestamp"]) for row in rows]
    today = datetime.now(ZONE).replace(tzinfo=None)
    move = timedelta(weeks=(today - max(local)) // timedelta(weeks=1))
    found = [
        Event(
            row["case:concept:name"],
            row["concept:name"],
            row["org:resource"],
            (at + move).replace(tzinfo=ZONE),
        )
        for row, at in zip(rows, local, strict=True)
    ]
    return iter(sorted(found, key=lambda event: event.at.astimezone(UTC)))


def _workflows() -> dict[str, Workflow]:
    """One run for each activity, and one for each case, which waits until its last activity."""
    steps = {
        ACTIVITY: [{"id": "note", "kind": "set", "values": {"activity": "{{ trigger.data.activity }}"}}],
        CASE: [{"id": "open", "kind": "delay", "until": "{{ trigger.data.ends }}"}],
    }
    flows = {}
    for name, title in ((ACTIVITY, "Permits: activities"), (CASE, "Permits: cases")):
        document = {
            "format": "signalbox/1",
            "name": title,
            "triggers": [{"id": "sent", "kind": "event", "event": name}],
            "steps": steps[name],
            "settings": {"run_timeout": "P30D"},
        }
        made = services.import_file(json.dumps(document)).workflows[0]
        flows[name] = status.run(made.pk, accept_warnings=True).workflow
    return flows


def _replay(clock: Clock, events: list[Event], *, look_from: datetime | None) -> None:
    """Events and ends of cases in the order of time; then the rounds that look for findings."""
    token = tokens.create_token("log", "operator", scope=Scope.objects.get(ref="workspace")).text
    client = Client(headers={"Authorization": f"Bearer {token}", "Host": "127.0.0.1"})
    ends = {event.case: event.at for event in events}
    opened: set[str] = set()
    order = count()
    agenda: list[tuple[datetime, int, Event | str | None]] = [(one.at, next(order), one) for one in events]
    if look_from:
        quarters = (events[-1].at - look_from) // QUARTER
        first = look_from.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + ROUND_AFTER
        agenda += [(first + n * QUARTER, next(order), None) for n in range(quarters)]
    heapq.heapify(agenda)
    while agenda:
        moment, _number, thing = heapq.heappop(agenda)
        clock.set(moment.astimezone(UTC))
        if thing is None:
            rounds.watch()
            rounds.look()
        elif isinstance(thing, str):
            executor.advance(thing)
        else:
            due = _send(client, thing, ends, opened)
            for run_id, at in due:
                heapq.heappush(agenda, (at, next(order), run_id))


def _send(
    client: Client, event: Event, ends: dict[str, datetime], opened: set[str]
) -> list[tuple[str, datetime]]:
    """Gives the runs that wait, and until when."""
    sent = [
        {"event": ACTIVITY, "data": {"case": event.case, "activity": event.activity, "by": event.resource}}
    ]
    if event.case not in opened:
        opened.add(event.case)
        last = min(ends[event.case], event.at + LONGEST)
        sent.append({"event": CASE, "data": {"case": event.case, "ends": last.isoformat()}})
    answer = client.post("/api/v1/events", json.dumps(sent), content_type="application/json")
    assert answer.status_code == 202, answer.content
    batch.advance_waiting()
    due = []
    for result in answer.json()["results"][1:]:
        for made in result["runs"]:
            executor.advance(made["id"])
            waiting = Run.objects.get(pk=made["id"])
            due += [(made["id"], waiting.due_at)] if waiting.due_at else []
    return due


def _tell(events: list[Event], flows: dict[str, Workflow]) -> None:
    window = Window.between(events[0].at, events[-1].at + timedelta(hours=1), grain=Grain.DAY, zone=ZONE)
    for name, flow in flows.items():
        total = figures.totals(window, workflows=[flow.pk])
        spans = [total.durations.percentile(p) for p in (50, 95, 99)]
        hours = ", ".join(str(timedelta(milliseconds=span or 0)) for span in spans)
        print(
            f"{flow.name} ({name}): {total.success} succeeded, {total.failed} failed; p50, p95, p99: {hours}"
        )
    by_hour = figures.by_hour_of_week(window, workflows=[flows[ACTIVITY].pk])
    print("\nActivities by hour (rows) and weekday (Monday to Sunday):")
    for hour in range(24):
        row = [by_hour.get((day, hour), 0) for day in range(7)]
        if any(row):
            print(f"{hour:02d}  " + " ".join(f"{n:5d}" for n in row))
    print("\nOf the log itself, the most frequent variants:")
    traces: defaultdict[str, list[str]] = defaultdict(list)
    for event in events:
        traces[event.case].append(event.activity)
    for variant, n in Counter(tuple(trace) for trace in traces.values()).most_common(3):
        print(f"{n} of {len(traces)}: " + " > ".join(variant))
    print("\nFindings:")
    for finding in Finding.objects.order_by("since"):
        print(f"{finding.since.astimezone(ZONE):%Y-%m-%d %H:%M} {finding}: {wording.sentence(finding)}")
