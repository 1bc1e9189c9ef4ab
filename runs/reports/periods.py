"""Weeks and months of the workspace's zone, by their names: 2026-W47, 2026-11."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from runs.models import ReportKind
from runs.monitoring.windows import Grain, Window, start_of
from workflows.services.values import refuse

_NAMES: Final = {
    ReportKind.WEEKLY: re.compile(r"(\d{4})-W(\d{2})"),
    ReportKind.MONTHLY: re.compile(r"(\d{4})-(\d{2})"),
}
_EXAMPLES: Final = {ReportKind.WEEKLY: "2026-W47", ReportKind.MONTHLY: "2026-11"}
_YEARS: Final = range(2000, 2201)


@dataclass(frozen=True)
class Period:
    """A week from Monday on (ISO 8601), or a calendar month; `first` is its first day."""

    kind: ReportKind
    first: date

    @classmethod
    def holding(cls, kind: ReportKind, day: date) -> "Period":
        """The period in which a day lies."""
        if kind == ReportKind.WEEKLY:
            return cls(kind, day - timedelta(days=day.weekday()))
        return cls(kind, day.replace(day=1))

    @classmethod
    def named(cls, kind: ReportKind, name: str) -> "Period":
        """The period of that name; raises ValueRefused."""
        found = _NAMES[kind].fullmatch(name.strip())
        year, number = map(int, found.groups()) if found else (0, 0)
        try:
            if year not in _YEARS:
                raise ValueError(name)
            weekly = kind == ReportKind.WEEKLY
            return cls(kind, date.fromisocalendar(year, number, 1) if weekly else date(year, number, 1))
        except ValueError:
            raise refuse(
                "period",
                "bad_period",
                _("%(name)s names no period.") % {"name": name[:20]},
                _("Write it like %(example)s.") % {"example": _EXAMPLES[kind]},
            ) from None

    @property
    def name(self) -> str:
        """As in addresses and commands."""
        if self.kind == ReportKind.WEEKLY:
            year, week, _day = self.first.isocalendar()
            return f"{year}-W{week:02}"
        return f"{self.first:%Y-%m}"

    @property
    def title(self) -> str:
        """As on pages: "Week 47 of 2026", "November 2026"."""
        if self.kind == ReportKind.WEEKLY:
            year, week, _day = self.first.isocalendar()
            return _("Week %(week)d of %(year)d") % {"week": week, "year": year}
        return formats.date_format(self.first, "F Y")

    @property
    def after(self) -> "Period":
        """The one that follows."""
        return Period.holding(
            self.kind, self.first + timedelta(days=7 if self.kind == ReportKind.WEEKLY else 31)
        )

    @property
    def before(self) -> "Period":
        """The one before."""
        return Period.holding(self.kind, self.first - timedelta(days=1))

    def window(self, zone: ZoneInfo) -> Window:
        """Its days, from the first midnight to the one after its last."""
        return Window.between(midnight(self.first, zone), midnight(self.after.first, zone), zone=zone)


def last_over(kind: ReportKind, moment: datetime, zone: ZoneInfo) -> Period:
    """The newest period that is over at the moment."""
    return Period.holding(kind, moment.astimezone(zone).date()).before


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins."""
    # Noon is a time that every day has.
    return start_of(datetime.combine(day, time(12), zone), Grain.DAY, zone)
