"""The door to the models of what happens."""

from runs.models.attempt import AttemptStatus, RecordedValue, StepAttempt
from runs.models.delivery import Delivery
from runs.models.heartbeat import Heartbeat
from runs.models.release import Release
from runs.models.run import CLOSED, DECIDED, IN_FLIGHT, OPEN, RELEASED, RETURNING, Run, RunStatus, StopWish
from runs.models.schedule import Schedule, Tick

__all__ = [
    "CLOSED",
    "DECIDED",
    "IN_FLIGHT",
    "OPEN",
    "RELEASED",
    "RETURNING",
    "AttemptStatus",
    "Delivery",
    "Heartbeat",
    "RecordedValue",
    "Release",
    "Run",
    "RunStatus",
    "Schedule",
    "StepAttempt",
    "StopWish",
    "Tick",
]
