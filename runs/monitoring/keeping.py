"""How long counts are kept: fine ones for as long as charts need them, those of days and months for good."""

from datetime import datetime, timedelta
from typing import Final

from config.clock import stamp
from runs.models import Level, ScopeTally, StepTally, Tally

KEPT: Final = {Level.QUARTER: timedelta(days=32), Level.HOUR: timedelta(days=400)}


def is_kept(level: Level, start: datetime, *, now: datetime | None = None) -> bool:
    """Whether counts of this level that begin then are still kept."""
    kept = KEPT.get(level)
    return kept is None or start > (now or stamp()) - kept


def forget_fine_counts() -> int:
    """Remove the counts of quarter-hours and hours that no chart reads any more; gives how many rows."""
    now, count = stamp(), 0
    for level, kept in KEPT.items():
        for model in (Tally, ScopeTally, StepTally):
            count += model._default_manager.filter(level=level, start__lte=now - kept).delete()[0]
    return count
