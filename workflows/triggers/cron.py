"""Cron lines: which are taken, which local times they name, and how they read as words.

cronsim has the rules of vixie cron for the fields but takes more than we do (six fields, L, W, #), and with a time
zone loses times where clocks change by half an hour or at midnight. So it is only asked for local times without a
zone; what instants those are is decided by the timetable.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from cronsim import CronSim, CronSimError
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

LONGEST_LINE = 500
MOST_TIMES_IN_WORDS = 6

_ALIASES = {
    "@HOURLY": "0 * * * *",
    "@DAILY": "0 0 * * *",
    "@WEEKLY": "0 0 * * 0",
    "@MONTHLY": "0 0 1 * *",
}
_VALUE = r"(?:[0-9]{1,2}|[A-Z]{3})"
_ITEM = rf"(?:\*|{_VALUE}(?:-{_VALUE})?)(?:/[0-9]{{1,3}})?"
_FIELD = re.compile(rf"{_ITEM}(?:,{_ITEM})*")
_FIELD_NAMES = (
    gettext_lazy("minute"),
    gettext_lazy("hour"),
    gettext_lazy("day of month"),
    gettext_lazy("month"),
    gettext_lazy("day of week"),
)
# Any day will do: which dates a line names repeats within 28 years, and cronsim looks 50 ahead.
_SOME_DAY = datetime(2024, 1, 1)


class ScheduleRefused(ValueError):
    """The schedule cannot be used; the text is a plain sentence that says why."""


@dataclass(frozen=True)
class CronLine:
    """Five fields, upper case, known to name at least one date."""

    fields: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "CronLine":
        """Raises ScheduleRefused for anything but five plain fields or @hourly, @daily, @weekly, @monthly."""
        if len(text) > LONGEST_LINE or not text.isascii():
            raise ScheduleRefused(_("The cron line is longer than 500 characters or holds unusual ones."))
        line = cls(tuple(_expanded(text.upper().strip()).split()))
        line._require_plain_fields()
        if next(line.local_times(_SOME_DAY), None) is None:
            raise _never()
        return line

    @property
    def is_fixed_time(self) -> bool:
        """Whether it names times of day, rather than every so many minutes or hours."""
        return not self.fields[0].startswith("*") and not self.fields[1].startswith("*")

    def local_times(self, after: datetime) -> Iterator[datetime]:
        """The times without a zone after this one (no zone either), ascending; ends after a gap of 50 years."""
        try:
            yield from CronSim(" ".join(self.fields), after)
        except CronSimError:
            raise _never() from None
        except (OverflowError, ValueError):
            # The calendar ends in the year 9999.
            return

    def _require_plain_fields(self) -> None:
        if len(self.fields) != 5:
            raise ScheduleRefused(
                _("A cron line has five fields: minute, hour, day of month, month, day of week.")
            )
        for position, field in enumerate(self.fields):
            others = ["*"] * 5
            others[position] = field
            if not _FIELD.fullmatch(field) or not _is_in_range(" ".join(others)):
                raise ScheduleRefused(_refusal(position, field))

    @cached_property
    def _parsed(self) -> CronSim:
        return CronSim(" ".join(self.fields), _SOME_DAY)

    def describe(self) -> str:
        """Such as "every day at 02:30" or "every 5 minutes, Monday to Friday"."""
        times, days = self._times(), self._days()
        if times is not None:
            return _("%(days)s at %(times)s") % {"days": days or _("every day"), "times": times}
        rhythm = self._rhythm()
        return _("%(rhythm)s, %(days)s") % {"rhythm": rhythm, "days": days} if days else rhythm

    def _times(self) -> str | None:
        minutes, hours = sorted(self._parsed.minutes), sorted(self._parsed.hours)
        if not self.is_fixed_time or len(minutes) * len(hours) > MOST_TIMES_IN_WORDS:
            return None
        return _list([f"{hour:02d}:{minute:02d}" for hour in hours for minute in minutes])

    def _rhythm(self) -> str:
        minute, hour = self.fields[:2]
        if hour == "*" and minute == "*":
            return _("every minute")
        if hour == "*" and (step := _even_step(minute, 60)):
            return ngettext("every minute", "every %(n)d minutes", step) % {"n": step}
        if minute.isdigit() and (step := 1 if hour == "*" else _even_step(hour, 24)):
            every = ngettext(
                "every hour at minute %(minute)s", "every %(n)d hours at minute %(minute)s", step
            )
            return every % {"n": step, "minute": minute}
        return _("at minute %(minute)s of hour %(hour)s") % {"minute": minute, "hour": hour}

    def _days(self) -> str:
        _minute, _hour, day, month, weekday = self.fields
        parts = []
        if day != "*":
            numbers = [str(number) for number in sorted(self._parsed.days)]
            parts.append(_("on day %(days)s of the month") % {"days": _list(numbers)})
        if weekday != "*":
            parts.append(_weekdays({int(str(number)) % 7 for number in self._parsed.weekdays}))
        words = (_(" if also ") if self._parsed.day_and else _(" or ")).join(parts)
        if month == "*":
            return words
        months = _list([str(MONTHS[number]) for number in sorted(self._parsed.months)])
        return _("%(days)s in %(months)s") % {"days": words or _("every day"), "months": months}


def _even_step(field: str, whole: int) -> int | None:
    """The n of */n where that really is every n, without a shorter step at the end."""
    step = re.fullmatch(r"\*/(\d+)", field)
    return int(step[1]) if step and whole % int(step[1]) == 0 else None


def _weekdays(numbers: set[int]) -> str:
    # cron counts from Sunday, Django's words from Monday.
    if numbers == {1, 2, 3, 4, 5}:
        return _("Monday to Friday")
    names = _list([str(WEEKDAYS[number]) for number in sorted((number - 1) % 7 for number in numbers)])
    return _("on %(days)s") % {"days": names}


def _list(words: list[str]) -> str:
    return get_text_list(words, _("and"))


def _expanded(text: str) -> str:
    if text.startswith("@") and text not in _ALIASES:
        raise ScheduleRefused(
            _("Of the words with @ only @hourly, @daily, @weekly and @monthly can be used.")
        )
    return _ALIASES.get(text, text)


def _is_in_range(line: str) -> bool:
    try:
        CronSim(line, _SOME_DAY)
    except CronSimError:
        return False
    return True


def _refusal(position: int, field: str) -> str:
    words = {"field": _FIELD_NAMES[position], "text": field[:40]}
    special = re.search(r"[LW#?]", re.sub(r"[A-Z]{3}", "", field))
    if special:
        return _("%(sign)s is not supported (%(field)s).") % {**words, "sign": special[0]}
    return _("The field %(field)s cannot be %(text)s.") % words


def _never() -> ScheduleRefused:
    return ScheduleRefused(
        _("This schedule names a date that never comes. Change the day of month or the month.")
    )
