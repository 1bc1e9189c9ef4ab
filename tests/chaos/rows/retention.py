"""R80 to R82: what is no longer kept goes, in portions, gives its room back, and stays counted."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any
from unittest import mock

from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import AuditEvent
from bench.figures_target import target
from config.clock import stamp
from runs.intake import Occurrence, start
from runs.models import OPEN, Run, RunStatus, StepAttempt, StepTally, Tally
from runs.monitoring import folding
from runs.services import cancel, removing
from tests.chaos import aged
from tests.chaos.evidence import Evidence, gather
from tests.chaos.matrix import Outcome, row
from tests.chaos.processes import eventually
from tests.chaos.rig import Flow, Rig
from tests.chaos.senders import Stream
from tests.chaos.stacks import LEASE
from tests.chaos.steps import KEEP
from tests.chaos.tallies import wrong_figures
from workflows import services
from workflows.models import Trigger, Workflow

KILLS = 3
LEAST = 1_000
FILL = 10_000
GIVEN_BACK = 0.8


@row("R80", "Retention works, open runs stay", first=10_000, full=5_000_000,
     fault=f"aged runs of nine kinds, each a trial; `runs prune` killed {KILLS} times at K20; triggers meanwhile")  # fmt: skip
def retention(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the call of the command that was not killed")
    rig.staff(2, threads=2)
    flow, count = rig.flow("R80", KEEP), max(trials, LEAST)
    told = aged.enter(_template(rig, flow), count)
    before = _closed_and_open(flow)
    with Stream(lambda: rig.send(flow), senders=2, breath=0.05) as stream:
        problems, seconds = _killed_and_done(rig, told[False])
    rig.rest(answer.run for answer in stream.accepted)
    outcome.add(count, problems + _kept(flow, told, before), seconds)
    outcome.failures += rig.breaches()
    services.stop(flow.pk, reason="The trial is over")
    return outcome


def _template(rig: Rig, flow: Flow, *, body: Any = None) -> Run:
    runs = rig.trigger(flow, 1, body=body)
    rig.rest(runs)
    return Run.objects.get(pk=runs[0])


def _old(flow: Flow) -> Any:
    return Run.objects.filter(workflow=flow.pk, received_at__lt=stamp() - timedelta(days=5))


def _closed_and_open(flow: Flow) -> Counter[str]:
    return Counter(_old(flow).filter(status__in=OPEN).values_list("status", flat=True))


def _killed_and_done(rig: Rig, expected: int) -> tuple[list[str], float]:
    """The command until it is not killed; its portions, as it recorded them, are all that was to go."""
    since, codes, begun = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0], [], 0.0
    rig.faults.arm(f"K20 kill first:{KILLS}")
    for _time in range(KILLS + 1):
        begun = time.monotonic()
        name = f"prune-{rig.random.randrange(16**8):08x}"
        codes.append(rig.processes.once(name, "runs", "prune", within=120 + expected / 50))
    seconds = time.monotonic() - begun
    problems = [] if codes == [*[-9] * KILLS, 0] else [f"the command ended with {codes}"]
    if len(rig.faults.fired("K20")) != KILLS:
        problems.append(f"K20 fired {len(rig.faults.fired('K20'))} times")
    rig.faults.disarm()
    events = AuditEvent.objects.filter(pk__gt=since, event="Retention applied")
    portions = [json.loads(after).get("removed", 0) for after in events.values_list("after", flat=True)]
    if sum(portions) != expected or max(portions, default=0) > 500:
        problems.append(f"{sum(portions)} of {expected} were removed, {max(portions, default=0)} at once")
    return problems, seconds


def _kept(flow: Flow, told: Counter[bool], opened: Counter[str]) -> list[str]:
    """What is left is what was to stay; none of its details is anybody else's."""
    left = _old(flow).count()
    problems = [] if left == told[True] else [f"{left} are left, not {told[True]}"]
    if _closed_and_open(flow) != opened:
        problems.append(f"of the open runs {opened} there are {_closed_and_open(flow)}")
    now = stamp()
    late = Run.objects.filter(workflow=flow.pk, parent=None).exclude(status__in=OPEN)
    gone = late.filter(status=RunStatus.SUCCESS, ended_at__lt=now - timedelta(days=90))
    gone |= late.filter(ended_at__lt=now - timedelta(days=365))
    problems += [f"{gone.count()} closed runs are older than is kept"] * gone.exists()
    lost = StepAttempt.objects.exclude(run__in=Run.objects.all()).count()
    return problems + [f"{lost} attempts of no run"] * bool(lost)


@row("R81", "SQLite gives disk back", fault=f"the file filled with {FILL:,} aged runs, then pruned", first=1, full=10, stacks="E")  # fmt: skip
def disk_given_back(rig: Rig, trials: int) -> Outcome:
    outcome, worst = Outcome(), 1.0
    rig.staff(1, threads=2)
    for _trial in range(trials):
        flow = rig.flow("R81", KEEP)
        template = _template(rig, flow, body={"n": "x" * 2_000})
        empty = _file(rig)
        told = aged.enter(template, FILL)
        full = _file(rig)
        name = f"prune-{rig.random.randrange(16**8):08x}"
        code = rig.processes.once(name, "runs", "prune", within=300)
        share = (full - _file(rig)) / ((full - empty) * told[False] / FILL)
        worst = min(worst, share)
        outcome.add(1, [f"{share:.0%} was given back, exit code {code}"] * (code != 0 or share < GIVEN_BACK))
        services.stop(flow.pk, reason="The trial is over")
    outcome.failures += rig.breaches()
    outcome.measured = f"at least {worst:.0%} of what the removed runs took"
    return outcome


def _file(rig: Rig) -> int:
    """The bytes of the database file, once everything stands in it and not in the log beside it."""

    def is_written() -> bool:
        with connection.cursor() as cursor:
            return bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)

    eventually(is_written, 30, every=0.1)
    return (rig.folder / "data" / "signalbox.sqlite3").stat().st_size


@row("R82", "Figures survive pruning", fault="runs that ended in every way, all removed; the recount is of a copy taken before",
     first=1, full=10)  # fmt: skip
def figures_survive(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="removing them")
    rig.staff(2, threads=2)
    with target() as (address, answering):
        answering.start()
        for _trial in range(trials):
            outcome.add(1, *_removed_and_recounted(rig, address))
    outcome.failures += rig.breaches()
    return outcome


def _removed_and_recounted(rig: Rig, address: str) -> tuple[list[str], float]:
    flows = _flows(rig, address)
    _every_ending(rig, flows)
    while folding.fold():
        pass
    copy, told = _gathered(rig), _stored(flows)
    begun = time.monotonic()
    with _old_at_once(flows):
        removed = removing.remove()
    seconds = time.monotonic() - begun
    after = _gathered(rig)
    left = Run.objects.filter(workflow__in=[flow.pk for flow in flows]).count()
    problems = [f"{left} runs are left of {removed} more"] * (left != 0 or removed < 60)
    tallies = [tally for tally in after.tallies if not tally["removed"]]
    tallies += [tally for tally in copy.tallies if tally["removed"]]
    problems += list(wrong_figures(replace(after, runs=copy.runs, tallies=tallies)))
    problems += ["a tally changed"] * (_stored(flows) != told)
    return problems + _verified(), seconds


def _flows(rig: Rig, address: str) -> list[Flow]:
    bad = {"left": "{{ trigger.data.end }}", "op": "is", "right": "failed"}
    fails = [{"id": "bad", "kind": "finish", "status": "failed", "message": "Not paid"}]
    heard = [{"id": "heard", "kind": "event", "event": "order.made"}]
    worth = {"id": "worth", "kind": "record_value", "name": "order", "value": "12.50", "unit": "EUR"}
    judge = {"id": "judge", "kind": "decision", "branches": [{"name": "bad", "if": bad, "steps": fails}]}
    call = {"id": "call", "kind": "http_request", "method": "PUT", "url": address + "{{ trigger.data.end }}"}
    wait = {"id": "wait", "kind": "delay", "for": "PT1H"}
    return [
        rig.flow("R82 worth", worth, judge, triggers=heard, minutes_saved_per_run=2.5),
        rig.flow("R82 outside", call, triggers=heard),
        rig.flow("R82 waits", wait, triggers=heard),
    ]


def _every_ending(rig: Rig, flows: list[Flow]) -> None:
    """Successes and failures of each, waits that are cancelled, triggers that are skipped."""
    runs = [_heard(flow, end) for flow in flows[:2] for end in ("success", "failed") for _ in range(15)]
    waits = [_heard(flows[2], "success") for _ in range(5)]
    eventually(lambda: Run.objects.filter(pk__in=waits, status=RunStatus.WAITING).count() == len(waits), 60)
    for pk in waits:
        cancel(pk)
    services.pause(flows[2].pk, reason="chaos", triggers="skip")
    for _time in range(5):
        _heard(flows[2], "success")
    rig.rest(runs)


def _heard(flow: Flow, end: str) -> str:
    """Not by the rig's senders: the oracle would miss what retention removes of theirs."""
    trigger = Trigger.objects.select_related("workflow", "workflow__published").get(
        workflow=flow.pk, is_live=True
    )
    return str(start(trigger, flow.pk, Occurrence("event", {"data": {"end": end}}, stamp())).run_id)


def _gathered(rig: Rig) -> Evidence:
    return gather(rig.folder, rig.place.database, LEASE)


def _stored(flows: list[Flow]) -> list[tuple[Any, ...]]:
    """Every figure of these workflows as it stands."""
    mine = {"workflow__in": [flow.pk for flow in flows], "removed": False}
    return [
        row
        for model in (Tally, StepTally)
        for row in model._default_manager.filter(**mine).order_by("pk").values_list()
    ]


@contextmanager
def _old_at_once(flows: list[Flow]) -> Iterator[None]:
    """Retention takes these workflows' runs for two years old, and sees no other's."""
    these = SimpleNamespace(objects=Workflow.objects.filter(pk__in=[flow.pk for flow in flows]))
    with (
        mock.patch.object(removing, "stamp", lambda: stamp() + timedelta(days=730)),
        mock.patch.object(removing, "Workflow", these),
    ):
        yield


def _verified() -> list[str]:
    out = StringIO()
    try:
        call_command("metrics", "verify", stdout=out)
    except CommandError as wrong:
        return [f"metrics verify: {wrong} {out.getvalue()}"[:300]]
    return []
