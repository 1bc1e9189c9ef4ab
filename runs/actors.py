"""The actors: doorbells, of which one carries a run's id and the other none."""

import logging

import dramatiq

from config.broker import broker
from runs.engine import doorbell, executor, lane

logger = logging.getLogger(__name__)

HOUR = 3_600_000


@dramatiq.actor(broker=broker, actor_name="runs.advance", queue_name="runs", max_retries=0, time_limit=HOUR)
def advance_run(run_id: str = "", *garbled: object, **more: object) -> None:
    """Advance a run; a repeated, late or garbled message does nothing, and none is ever put aside as dead.

    A run that breaks here keeps its lease and is taken over when that runs out.
    """
    try:
        executor.advance(run_id)
    except Exception:  # the database is the truth about the run; the broker need not know
        logger.exception("Run %.40r could not be advanced.", run_id)


@dramatiq.actor(
    broker=broker, actor_name="runs.advance_waiting", queue_name="runs", max_retries=0, time_limit=HOUR
)
def advance_waiting(*garbled: object, **more: object) -> None:
    """Wake this worker's lane, where a worker can be woken through the broker alone.

    Not done in the threads that take messages: two that come at once would wait for the same workflow's row, and one
    of them find nothing left. Where no lane is, this thread ends what waits.
    """
    try:
        if not doorbell.wake_here():
            lane.drain(executor.stopping)
    except Exception:  # the rows wait; the pump wakes again
        logger.exception("Instant runs could not be advanced.")
