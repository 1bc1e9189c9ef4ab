"""The door for schedules: watched by `arm`, fired by `fire_due`, foretold by `occurrences`."""

from runs.intake.arming import arm, disarm, settle_closed
from runs.intake.firing import fire_due
from runs.intake.missed import missed_ticks, run_missed_once
from runs.intake.timetables import Upcoming, by_schedule, occurrences, upcoming
from runs.intake.zone_data import follow_zone_data

__all__ = [
    "Upcoming",
    "arm",
    "by_schedule",
    "disarm",
    "fire_due",
    "follow_zone_data",
    "missed_ticks",
    "occurrences",
    "run_missed_once",
    "settle_closed",
    "upcoming",
]
