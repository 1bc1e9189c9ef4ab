"""New zone data: where clocks are changed by law after a schedule was armed, its next due instant moves."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from runs.engine.isolation import one_by_one
from runs.intake.arming import locked_rows
from runs.intake.timetables import read
from runs.models import Schedule, Tick

logger = logging.getLogger(__name__)

# No change of law moves a local time further.
FURTHEST_MOVE = timedelta(days=1)


def follow_zone_data(now: datetime) -> int:
    """Move the next due instants that today's zone data place elsewhere, with a warning; gives how many moved.

    What the new data place into the last day and nobody saw to is due at once, as after an outage. Processes
    keep zone data for as long as they run; this one forgets its own.
    """
    ZoneInfo.clear_cache()
    armed = Schedule.objects.filter(is_armed=True, set_aside="", next_at__gt=now).order_by("pk")
    return one_by_one(((pk, now) for pk in armed.values_list("pk", flat=True)), _follow)


def _follow(item: tuple[int, datetime]) -> bool:
    pk, now = item
    with transaction.atomic():
        row = locked_rows().filter(pk=pk, is_armed=True, set_aside="", next_at__gt=now).first()
        if row is None:
            return False
        timetable = read(row.timetable)
        if timetable.cron is None:
            return False
        due = timetable.next_after(_seen_until(row, now), anchor=row.anchor)
        if due == row.next_at:
            return False
        logger.warning("Zone data changed: schedule %s is due at %s, not at %s.", row, due, row.next_at)
        Schedule.objects.filter(pk=pk).update(next_at=due)
    return True


def _seen_until(row: Schedule, now: datetime) -> datetime:
    newest = Tick.objects.filter(trigger_id=row.trigger_id).order_by("-due_at").first()
    return max(row.anchor, newest.due_at if newest else row.anchor, now - FURTHEST_MOVE)
