"""The one actor: a doorbell that carries a run's id."""

import dramatiq

from config.broker import broker
from runs.engine import executor

HOUR = 3_600_000


@dramatiq.actor(broker=broker, actor_name="runs.advance", queue_name="runs", max_retries=0, time_limit=HOUR)
def advance_run(run_id: str) -> None:
    """Advance a run; a repeated, late or garbled message does nothing."""
    executor.advance(run_id)
