"""The scheduler's loop: everything that becomes due by time. Any number may run; they share the work."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import close_old_connections, connections

from audit import anchors, verify
from config.clock import stamp
from runs import saved_views
from runs.bulk import jobs, working
from runs.engine import clock_steps, failures, heartbeat, maintenance, release, resuming, sweeper
from runs.intake import forgetting, schedules
from runs.monitoring import checking, folding, keeping
from runs.monitoring.findings import rounds
from runs.reports import freezing
from runs.services import pruning, removing
from workflows.notices import delivering, outbox
from workflows.services import receipts

logger = logging.getLogger(__name__)

TICK = 0.25


@dataclass
class Duty:
    """One thing to do every so many seconds."""

    name: str
    every: float
    work: Callable[[], object]
    next_at: float = 0.0
    is_eager: bool = False
    """While it finds work it goes again at the next turn."""


def at_present(work: Callable[[datetime], object]) -> Callable[[], object]:
    """The same work, told the present instant."""
    return lambda: work(stamp())


def prompt_duties() -> list[Duty]:
    """What runs wait for, in the order in which it is looked at. Each is short: it sends nothing outside."""
    return [
        Duty("ring due runs", 0.5, sweeper.ring_due),
        Duty("release held runs", 0.5, release.tick),
        Duty("fire schedules", 1, at_present(schedules.fire_due), is_eager=True),
        Duty("take over from dead workers", 1, sweeper.take_over),
        Duty("note drained", 1, sweeper.note_drained),
        Duty("adopt strays", 2, release.adopt_strays),
        Duty("stop run killers", 5, sweeper.stop_killers),
        Duty("expire held", 10, sweeper.expire_held),
        Duty("fold tallies", 10, folding.keep_folding, is_eager=True),
    ]


def long_duties() -> list[Duty]:
    """What may take its time: testing connections before a resume, and walks over whole tables."""
    after_start = time.monotonic() + 60
    return [
        Duty("automatic resume", 1, resuming.resume_due),
        Duty("tell what is overdue", 5, resuming.tell_overdue),
        Duty("keep maintenance windows", 2, maintenance.keep_windows, is_eager=True),
        Duty("mend what a clock ahead left", 3600, clock_steps.correct_future),
        Duty("watch what began to run", 60, rounds.watch),
        Duty("look for findings", 5, rounds.look, is_eager=True),
        Duty("follow zone data", 86_400, at_present(schedules.follow_zone_data)),
        Duty("anchor the audit chain", 600, anchors.write_anchor),
        Duty("verify the audit chain", 86_400, verify.verify, after_start),
        Duty("forget deliveries", 3600, at_present(forgetting.forget_deliveries)),
        Duty("forget ticks", 3600, at_present(forgetting.forget_ticks)),
        Duty("count what ran before", 60, checking.rebuild_if_due),
        Duty("forget fine counts", 86_400, keeping.forget_fine_counts, after_start),
        Duty("prune payloads", 3600, partial(pruning.prune, limit=100_000)),
        Duty("apply retention", 600, removing.nightly, is_eager=True),
        Duty("forget dead processes", 3600, heartbeat.forget_dead),
        Duty("forget receipts", 3600, receipts.forget_old),
    ]


def bulk_duties() -> list[Duty]:
    """Acts on many things: a piece of each at a time. Their own thread, since a resume tests connections first."""
    return [
        Duty("work through bulk jobs", 0.5, working.work),
        Duty("forget bulk jobs", 3600, jobs.forget_old),
        Duty("forget deleted views", 3600, saved_views.forget_deleted),
    ]


def outgoing_duties() -> list[Duty]:
    """What waits for servers of others, and must let nothing else wait for them."""
    return [
        Duty("deliver notices", 1, delivering.deliver_due, is_eager=True),
        Duty("forget notices", 3600, outbox.forget_old),
    ]


def watching_duties() -> list[Duty]:
    """What looks at many runs to see a pattern. It must not wait for others' servers, and nothing waits for it."""
    return [
        Duty("keep failure rules", 2, failures.watch),
        Duty("make reports", 600, freezing.make_due, is_eager=True),
    ]


def schedulers(beat: Callable[[], None]) -> list["Scheduler"]:
    """The threads of a scheduler, not started yet; the one with the short duties beats."""
    return [
        Scheduler("scheduler", prompt_duties(), beat),
        Scheduler("scheduler-long", long_duties(), lambda: None),
        Scheduler("scheduler-bulk", bulk_duties(), lambda: None),
        Scheduler("scheduler-watching", watching_duties(), lambda: None),
        Scheduler("scheduler-outgoing", outgoing_duties(), lambda: None),
    ]


class Scheduler(threading.Thread):
    """Runs duties until told to stop. One that fails is logged and tried again; the loop goes on."""

    def __init__(self, name: str, duties: list[Duty], beat: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self.stopping = threading.Event()
        self.duties = duties
        self.beat = beat

    def run(self) -> None:
        while not self.stopping.wait(TICK):
            for duty in self.duties:
                if time.monotonic() >= duty.next_at and not self.stopping.is_set():
                    self._do(duty)
        connections.close_all()

    def _do(self, duty: Duty) -> None:
        duty.next_at = time.monotonic() + duty.every
        try:
            close_old_connections()
            if duty.work() and duty.is_eager:
                duty.next_at = 0.0
            self.beat()
        except Exception:  # one broken duty must not stop the others
            logger.exception("The scheduler could not %s.", duty.name)
