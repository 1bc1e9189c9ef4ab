"""The door for what starts runs: every trigger, button and command enters its run through `start`."""

from runs.intake.occurrences import Accepted, HoldFull, Occurrence, UnknownTarget
from runs.intake.starting import start

__all__ = ["Accepted", "HoldFull", "Occurrence", "UnknownTarget", "start"]
