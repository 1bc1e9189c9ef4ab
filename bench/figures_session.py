"""One load of bench/figures.py from the first start of its processes to the verdict."""

import ctypes
import json
import multiprocessing
import random
import signal
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection

from django.conf import settings
from django.db.models import F

from bench import session
from bench.figures_people import People
from bench.figures_sending import Sender
from bench.figures_target import target
from bench.figures_verdict import Found, months
from bench.figures_world import Family, build, families
from bench.leaping_clock import LeapingClock
from bench.session import say
from bench.stacks import Stack
from runs.engine.worker import WorkerProcess
from runs.models import OPEN, Run, RunStatus, Tally
from runs.monitoring import folding
from runs.services import removing
from workflows.models import Workflow
from workflows.services import status

DAYS = 100
THREADS = 2
PATIENCE = 60.0
PRUNED_EVERY = 4
PR_SET_PDEATHSIG = 1
forked = multiprocessing.get_context("fork")


def run(stack: Stack, arguments: Namespace) -> int:
    """Load, close everything, verify, remove a part, verify again; 1 when a figure is wrong."""
    # Ages at which something goes while it runs, and not everything before the end.
    settings.KEEP_SUCCESS_DAYS, settings.KEEP_OTHER_DAYS = DAYS * 3 // 4, DAYS * 4 // 5
    clock = LeapingClock(timedelta(days=DAYS + 5))
    clock.install()
    found = Found(stack.name, arguments.seed)
    with target() as (address, answering):
        world = families(address)
        with processes(world, arguments) as (lines, begin):
            answering.start()
            session.prepare()
            build(world)
            begin()
            Load(world, lines, clock, found, arguments).go()
    judge(found, clock, arguments)
    print(found.text)
    if arguments.json:
        arguments.json.write_text(json.dumps(found.document, indent=1))
    return 0 if found.is_right else 1


@contextmanager
def processes(
    world: list[Family], arguments: Namespace
) -> Iterator[tuple[list[Connection], Callable[[], None]]]:
    """Workers and senders, forked before this process has a connection or a thread; workers begin when told."""
    ready = forked.Event()
    lines, children = [], []
    for number in range(arguments.senders):
        mine, theirs = forked.Pipe()
        children.append(
            forked.Process(target=_send, args=(world, f"{arguments.seed}-{number}", theirs, [*lines, mine]))
        )
        children[-1].start()
        theirs.close()
        lines.append(mine)
    for _ in range(arguments.workers):
        children.append(forked.Process(target=_work, args=(ready.wait,)))
        children[-1].start()
    try:
        yield lines, ready.set
    finally:
        for line in lines:
            line.close()
        for child in children:
            child.terminate()
        for child in children:
            child.join(30)


def _send(world: list[Family], seed: str, line: Connection, others: list[Connection]) -> None:
    _end_with_parent()
    for other in others:
        other.close()
    Sender(world, seed).serve(line)


def _work(wait: Callable[[], object]) -> None:
    _end_with_parent()
    wait()
    WorkerProcess(threads=THREADS, with_scheduler=True).run()


def _end_with_parent() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Load:
    """Turns: people act, senders send, workers work until nothing is due, the clock leaps."""

    def __init__(
        self,
        world: list[Family],
        lines: list[Connection],
        clock: LeapingClock,
        found: Found,
        arguments: Namespace,
    ) -> None:
        self.lines, self.clock, self.found, self.arguments = lines, clock, found, arguments
        self.people = People(world, arguments.seed)
        self.random = random.Random(arguments.seed)
        self.found.people = self.people.done
        self.begun, self.done = time.monotonic(), 0.0

    def go(self) -> None:
        end = self.begun + self.arguments.minutes * 60
        while self.taken < self.arguments.runs and time.monotonic() < end:
            self._turn()
            if self.found.turns % 10 == 0:
                say(f"{self.taken} taken in {time.monotonic() - self.begun:.0f} s")
        self._finish()
        self.found.seconds = time.monotonic() - self.begun
        self.found.taken = self.taken + self.people.replayed

    @property
    def taken(self) -> int:
        return sum(n for answer, n in self.found.answers.items() if answer != "refused")

    def _turn(self) -> None:
        self.found.turns += 1
        self.people.turn()
        share = -(-self.arguments.turn // len(self.lines))
        for line in self.lines:
            line.send(share)
        self.people.meddle(max(1, self.arguments.turn // 1_000))
        for line in self.lines:
            self.found.answers += line.recv()
        self._settle()
        if self.found.turns % PRUNED_EVERY == 0:
            prune(self.found, self.clock, limit=self.arguments.turn * PRUNED_EVERY // 2)
        self._leap()

    def _leap(self) -> None:
        """As many days as this turn was of the whole, by runs or by the time given, give or take."""
        by_time = (time.monotonic() - self.begun) / (self.arguments.minutes * 60)
        done = min(1.0, max(self.taken / self.arguments.runs, by_time))
        self.clock.leap(self.random.uniform(0.2, 1.8) * (done - self.done) * DAYS * 86_400)
        self.done = done

    def _settle(self, *statuses: RunStatus) -> bool:
        wanted = statuses or (RunStatus.PENDING, RunStatus.RUNNING)
        deadline = time.monotonic() + PATIENCE
        while Run.objects.filter(status__in=wanted).exists():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.03)
        return True

    def _finish(self) -> None:
        """Open every gate, end what ticks, and let days pass until what waits has gone on, or cancel it."""
        self.people.open_all("release")
        ticking = Workflow.objects.get(name__startswith="Ticking")
        with session.acting(session.OPERATOR, origin="command"):
            status.stop(ticking.pk, reason="The load is over")
        if not self.clock.leaps:
            self.people.cancel_waiting()
        deadline = time.monotonic() + 3 * PATIENCE
        while Run.objects.filter(status__in=OPEN).exists() and time.monotonic() < deadline:
            self.clock.leap(3600)
            time.sleep(2)
        self.found.left_open = Run.objects.filter(status__in=OPEN).count()


def prune(found: Found, clock: LeapingClock, *, limit: int | None = None) -> None:
    """Let retention do its work, up to a limit."""
    begun = time.monotonic()
    with clock.retention():
        count = removing.remove(limit=limit)
    if count:
        found.pruned.append((count, time.monotonic() - begun))


def judge(found: Found, clock: LeapingClock, arguments: Namespace) -> None:
    """With every process ended: verify, remove by number, verify, and again when the counts stood for a day."""
    while folding.fold():
        pass
    found.count()
    say("verify")
    found.verify("after the load")
    if arguments.spoil:
        spoiled = months().filter(success__gt=0).values_list("pk", flat=True)[0]
        Tally.objects.filter(pk=spoiled).update(success=F("success") + 1)
        found.verify("with one success too many")
    settings.KEEP_SUCCESS_DAYS = settings.KEEP_OTHER_DAYS = 0
    settings.KEEP_RUNS = Run.objects.count() // (2 * Workflow.objects.count())
    clock.leap(2 * 86_400)
    say("prune")
    prune(found, clock)
    say("verify")
    found.verify("after removing a part")
