"""A worker process: Dramatiq's threads, the lease keeper, and where wanted the scheduler and the doorbell's ear."""

import logging
import signal
import threading
import time
from types import FrameType

from django.conf import settings
from django.db import Error, connections
from dramatiq import Worker

from config.broker import broker, is_remote, poll_milliseconds
from runs.actors import advance_run
from runs.engine import doorbell, executor, lease
from runs.engine.bell import Ear
from runs.engine.heartbeat import Heart
from runs.engine.lane import Lane
from runs.engine.notifying import Listener
from runs.engine.scheduler import schedulers

logger = logging.getLogger(__name__)

STOP_MILLISECONDS = 9_000
LANE_SECONDS = 2.0


class WorkerProcess:
    """Everything a worker process runs. `with_scheduler`: also do the scheduler's duties, as embedded."""

    def __init__(self, *, threads: int, with_scheduler: bool) -> None:
        self.stopping = threading.Event()
        # Bulkheads are half of the threads that there really are, whatever the environment names.
        settings.WORKFLOW_SLOTS = settings.OUTGOING_HOST_SLOTS = max(1, threads // 2)
        self.worker = Worker(broker, worker_threads=threads, worker_timeout=poll_milliseconds())
        self.heart = Heart("worker")
        self.keeper = lease.Keeper()
        self.lane = Lane()
        doorbell.wake_at_home(self.lane.wake)
        self.ear = None if is_remote() else Ear(doorbell.hand_over)
        if self.ear is not None:
            doorbell.answer_at_home(advance_run.send)
        self.listener = Listener(self.lane.wake) if settings.IS_NOTIFYING else None
        # The in-process broker is fed from here alone, so such a worker always schedules.
        alone = with_scheduler or not is_remote()
        self.scheduling = Heart("scheduler")
        self.schedulers = schedulers(self.scheduling.beat) if alone else []

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; steps in progress finish within some seconds or are left for the next."""
        install_stop(self.stopping)
        broker.emit_after("process_boot")  # without it Dramatiq's time limits never act
        self.worker.start()
        for thread in (self.keeper, self.lane, self.ear, self.listener, *self.schedulers):
            if thread is not None:
                thread.start()
        self.lane.wake()
        try:
            self._watch()
        finally:
            self._stop()

    def _watch(self) -> None:
        """Beat while every part lives; a dead part ends the process, and the supervisor starts a new one."""
        parts = [
            part for part in (self.keeper, self.lane, self.listener, *self.schedulers) if part is not None
        ]
        while not self.stopping.wait(1):
            if not all(part.is_alive() for part in parts):
                raise SystemExit("A part of the worker died; it has to be started again.")
            executor.ring_turned_away()
            try:
                self.heart.beat()
            except Error:
                logger.exception("The worker could not write its heartbeat.")
                connections.close_all()

    def _stop(self) -> None:
        executor.stopping.set()
        for thread in (*self.schedulers, self.ear, self.listener, self.lane):
            if thread is not None:
                thread.stopping.set()
        self.worker.stop(timeout=STOP_MILLISECONDS)
        self.lane.join(timeout=LANE_SECONDS)
        self.keeper.stopping.set()
        try:
            self.heart.stop()
            self.scheduling.stop()
        except Error:
            logger.warning("The worker could not take its heartbeat away.")
        broker.close()


class SchedulerProcess:
    """A scheduler of its own, for deployments over several hosts."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.heart = Heart("scheduler")
        self.schedulers = schedulers(self.heart.beat)

    def run(self) -> None:
        """Schedule until SIGTERM or SIGINT."""
        install_stop(self.stopping)
        for thread in self.schedulers:
            thread.start()
        while not self.stopping.wait(1):
            if not all(thread.is_alive() for thread in self.schedulers):
                raise SystemExit("The scheduler died; it has to be started again.")
        for thread in self.schedulers:
            thread.stopping.set()
        deadline = time.monotonic() + STOP_MILLISECONDS / 1000
        for thread in self.schedulers:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        try:
            self.heart.stop()
        except Error:
            logger.warning("The scheduler could not take its heartbeat away.")


def install_stop(stopping: threading.Event) -> None:
    """SIGTERM and SIGINT set the event; call it before anything boots."""

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
