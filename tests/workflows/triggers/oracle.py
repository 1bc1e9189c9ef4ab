"""An oracle for cron lines that shares no code with the product: read the wall clock at every minute."""

from array import array
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
A_DAY = 24 * 60


@cache
def field_values(field: str, low: int, high: int) -> frozenset[int]:
    values: set[int] = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        start, stop = (low, high) if span == "*" else (int(first), int(last or first))
        values |= set(range(start, stop + 1, int(step or 1)))
    return frozenset(values)


class Line:
    """A cron line of numbers, by the words of definition.md."""

    def __init__(self, cron: str) -> None:
        fields = cron.split()
        self.minutes, self.hours, self.days, self.months, self.weekdays = (
            field_values(field, *span) for field, span in zip(fields, RANGES, strict=True)
        )
        self.is_either = fields[2][0] != "*" and fields[4][0] != "*"
        self.is_fixed_time = fields[0][0] != "*" and fields[1][0] != "*"
        self.of_a_day = bytes(
            minute // 60 in self.hours and minute % 60 in self.minutes for minute in range(A_DAY)
        )

    def names_date(self, day: date) -> bool:
        is_day = day.day in self.days
        is_weekday = bool({day.isoweekday(), day.isoweekday() % 7} & self.weekdays)
        is_date = (is_day or is_weekday) if self.is_either else (is_day and is_weekday)
        return day.month in self.months and is_date


class Wall:
    """What the clock on a zone's wall shows at every minute from `start` to `end`, read one by one."""

    def __init__(self, zone: str, start: datetime, end: datetime) -> None:
        self.first, last = (int(moment.timestamp()) // 60 for moment in (start, end))
        info = ZoneInfo(zone)
        minutes = range(self.first, last + 1)
        self.shown = array("q", (number(datetime.fromtimestamp(60 * minute, info)) for minute in minutes))
        self.base = min(self.shown) // A_DAY

    def due(self, cron: str) -> list[datetime]:
        """Every due instant after the first minute, up to and including the last."""
        line = Line(cron)
        named = self._named(line)
        found = self._reached(named) if line.is_fixed_time else self._shown(named)
        return [datetime.fromtimestamp(60 * (self.first + index), UTC) for index in found]

    def _named(self, line: Line) -> bytes:
        """For each local minute whether the line names it."""
        days = range(self.base, max(self.shown) // A_DAY + 1)
        return b"".join(
            line.of_a_day if line.names_date(date.fromordinal(day)) else bytes(A_DAY) for day in days
        )

    def _shown(self, named: bytes) -> list[int]:
        base = self.base * A_DAY
        return [index for index, shown in enumerate(self.shown) if index and named[shown - base]]

    def _reached(self, named: bytes) -> list[int]:
        """Where the clock reaches, or jumps over, a named local minute for the first time; an instant counts once."""
        base, found = self.base * A_DAY, []
        latest = self.shown[0] - base
        for index, shown in enumerate(self.shown):
            local = shown - base
            if local > latest:
                if named.find(1, latest + 1, local + 1) >= 0:
                    found.append(index)
                latest = local
        return found


def number(local: datetime) -> int:
    """A local time as a number of minutes."""
    return local.toordinal() * A_DAY + local.hour * 60 + local.minute
