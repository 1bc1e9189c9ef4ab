"""When a schedule is due: local times of a cron line in a zone, or a fixed interval.

The rules for clock changes stand in definition.md ("Cron") and rule 10 of reliability.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflows.triggers.cron import CronLine, ScheduleRefused

__all__ = ["ScheduleRefused", "Timetable"]

SHORTEST_INTERVAL = timedelta(minutes=1)
LONGEST_INTERVAL = timedelta(days=3650)

# No zone has ever set its clocks back by more since 1970 (Vostok, 7 hours), nor changed them twice within so short.
_CHANGE = timedelta(hours=8)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Timetable:
    """Either a cron line in a zone, or an interval; made by `from_trigger`."""

    zone: ZoneInfo
    cron: CronLine | None = None
    every: timedelta | None = None

    @classmethod
    def from_trigger(
        cls, *, cron: str | None = None, every: timedelta | None = None, timezone: str = "UTC"
    ) -> "Timetable":
        """The timetable of a schedule trigger's fields; raises ScheduleRefused with a plain sentence."""
        if (cron is None) == (every is None):
            raise ScheduleRefused(_("Give either a cron line or an interval."))
        zone = _zone(timezone)
        if cron is not None:
            return cls(zone, cron=CronLine.parse(cron))
        if every is not None and not SHORTEST_INTERVAL <= every <= LONGEST_INTERVAL:
            raise ScheduleRefused(_("An interval lasts at least one minute and at most 3,650 days."))
        return cls(zone, every=every)

    def next_after(self, moment: datetime, *, anchor: datetime) -> datetime | None:
        """The first due instant strictly after `moment`, in UTC, or None when none comes within 50 years.

        `anchor` is the moment from which an interval counts (its first due instant is one interval later); a cron
        line takes no notice of it. Both must be aware, else ValueError.
        """
        if moment.tzinfo is None or anchor.tzinfo is None:
            raise ValueError("Due instants are reckoned between aware datetimes.")
        try:
            if self.every is not None:
                return _next_interval(moment.astimezone(UTC), anchor.astimezone(UTC), self.every)
            return self._next_local(moment.astimezone(UTC))
        except OverflowError:
            # The calendar ends in the year 9999.
            return None

    def between(self, start: datetime, end: datetime, *, anchor: datetime) -> Iterator[datetime]:
        """Every due instant after `start` up to and including `end`, ascending, in UTC."""
        due = self.next_after(start, anchor=anchor)
        while due is not None and due <= end:
            yield due
            due = self.next_after(due, anchor=anchor)

    def describe(self) -> str:
        """A plain phrase without full stop, such as "every day at 02:30 Australia/Sydney"."""
        if self.cron is None:
            return _every(self.every or timedelta())
        return _("%(times)s %(zone)s") % {"times": self.cron.describe(), "zone": self.zone.key}

    def _next_local(self, moment: datetime) -> datetime | None:
        if self.cron is None:
            return None
        if self.cron.is_fixed_time:
            return self._next_fixed(self.cron, moment)
        return self._next_rhythm(self.cron, moment)

    def _next_fixed(self, cron: CronLine, moment: datetime) -> datetime | None:
        for local in cron.local_times(self._wall(moment)):
            due = self._first_instant(local)
            # Not so in the second pass of a repeated hour, whose times were due in the first.
            if due > moment:
                return due
        return None

    def _next_rhythm(self, cron: CronLine, moment: datetime) -> datetime | None:
        """Local times within the last clock change are looked at even behind the moment and behind the first one
        found, since a clock set back shows them again. Changes further ahead reorder nothing: there the first
        local time that exists comes first.
        """
        offsets = {self._offset(moment + shift) for shift in (-_CHANGE, timedelta(), _CHANGE)}
        margin = max(offsets) - min(offsets)
        best: datetime | None = None
        for local in cron.local_times(self._wall(moment) - margin):
            if best is not None and local > self._wall(best) + margin:
                break
            later = [instant for instant in self._instants(local) if instant > moment]
            best = min([*later, best] if best else later, default=None)
        return best

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def _offset(self, moment: datetime) -> timedelta:
        return moment.astimezone(self.zone).utcoffset() or timedelta()

    def _instants(self, local: datetime) -> list[datetime]:
        """Every instant at which the clock on the wall shows this: none when it is skipped, two when repeated."""
        both = {local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        return sorted(instant for instant in both if self._wall(instant) == local)

    def _first_instant(self, local: datetime) -> datetime:
        """The first instant at which the clock on the wall shows this or, when it is skipped, something later."""
        instants = self._instants(local)
        if instants:
            return instants[0]
        # A skipped time, read with the offset after the change, lies before it, and the other way round.
        before = local.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        after = local.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        while after - before > _SECOND:
            middle = before + (after - before) // _SECOND // 2 * _SECOND
            before, after = (before, middle) if self._wall(middle) > local else (middle, after)
        return after


def _next_interval(moment: datetime, anchor: datetime, every: timedelta) -> datetime:
    passed = (moment - anchor) // every
    return anchor + max(passed + 1, 1) * every


def _zone(name: str) -> ZoneInfo:
    if name not in _zones():
        raise ScheduleRefused(
            _("%(name)s is no known time zone. Use a name such as Europe/Berlin.") % {"name": repr(name[:60])}
        )
    return ZoneInfo(name)


@cache
def _zones() -> frozenset[str]:
    # A list, since a name is a path to ZoneInfo. "localtime" would mean something else on every machine.
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _every(interval: timedelta) -> str:
    single = {
        timedelta(minutes=1): _("every minute"),
        timedelta(hours=1): _("every hour"),
        timedelta(days=1): _("every day"),
    }
    return single.get(interval) or _("every %(interval)s") % {"interval": _duration(interval)}


def _duration(interval: timedelta) -> str:
    hours, rest = divmod(interval.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    units = [
        ngettext("%(n)d day", "%(n)d days", interval.days) % {"n": interval.days},
        ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours},
        ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes},
        ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds},
    ]
    counts = (interval.days, hours, minutes, seconds)
    return " ".join(words for words, count in zip(units, counts, strict=True) if count)
