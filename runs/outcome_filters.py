"""Filters of runs by how, when and how fast they ended: what the marks of charts lead to."""

import re
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.ids import id_at
from config.web import time
from config.web.filters import FilterSet
from runs.models.run import RunQuerySet
from runs.moments import MomentFilter

HOURS: Final = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?")
LONGEST: Final = 10**13
AHEAD: Final = timedelta(days=1)
TOOK: Final = ExpressionWrapper(F("ended_at") - F("started_at"), DurationField())


class Hours(tuple[int, int]):
    """The first and the last of some hours of the day, both included."""

    def __str__(self) -> str:
        first, last = self
        return _("%(first)02d:00 to %(end)02d:00") % {"first": first, "end": last + 1}


class HoursInput(forms.TextInput):
    """Shows what was typed, not what was read from it."""

    def format_value(self, value: Any) -> str:
        return (
            "-".join(str(hour) for hour in sorted(set(value)))
            if isinstance(value, tuple)
            else str(value or "")
        )


class HoursField(forms.CharField):
    """An hour of the day, or several: `9`, `9-11`."""

    widget = HoursInput

    def clean(self, value: Any) -> Hours | None:
        text = super().clean(value).replace(" ", "")
        if not text:
            return None
        found = HOURS.fullmatch(text)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not first <= last <= 23:
            raise ValidationError(_("Write an hour of the day or two, such as 9 or 9-11."))
        return Hours((first, last))


class HoursFilter(django_filters.Filter):
    field_class = HoursField


class MillisecondsFilter(django_filters.NumberFilter):
    """A length of time in whole milliseconds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"min_value": 0, "max_value": LONGEST, "decimal_places": 0, **kwargs})


class OutcomeFilter(FilterSet):
    """`?ended_from=&ended_to=&duration_from=&duration_to=&reason=&weekday=&hour=`.

    Durations run from the first claim to the end, in milliseconds: from `duration_from` on, below `duration_to`. Days
    of the week (1 is Monday) and hours are those of the end, in the workspace's zone, in which figures are counted.
    """

    ended_from = MomentFilter(label=gettext_lazy("Ended from"), method="with_end_from")
    ended_to = MomentFilter(label=gettext_lazy("Ended before"), method="with_end_before", is_end=True)
    duration_from = MillisecondsFilter(
        label=gettext_lazy("Took at least, in ms"), method="with_duration_from"
    )
    duration_to = MillisecondsFilter(
        label=gettext_lazy("Took less than, in ms"), method="with_duration_below"
    )
    reason = django_filters.CharFilter(label=gettext_lazy("Reason"), field_name="reason")
    weekday = django_filters.ChoiceFilter(
        label=gettext_lazy("Ended on"),
        choices=[(str(number + 1), name) for number, name in WEEKDAYS.items()],
        method="on_weekday",
        empty_label=gettext_lazy("Any day"),
    )
    hour = HoursFilter(label=gettext_lazy("Ended in the hours"), method="in_hours")

    def _shown(self, name: str, value: Any) -> str:
        if name in ("duration_from", "duration_to"):
            return time.duration(timedelta(milliseconds=int(value)))
        return str(value) if isinstance(value, Hours) else super()._shown(name, value)

    def _label(self, name: str) -> Any:
        short = {"duration_from": _("Took at least"), "duration_to": _("Took less than")}
        return short.get(name) or super()._label(name)

    def with_end_from(self, rows: RunQuerySet, name: str, value: datetime) -> RunQuerySet:
        return rows.filter(ended_at__gte=value)

    def with_end_before(self, rows: RunQuerySet, name: str, value: datetime) -> RunQuerySet:
        # No run ends before it is made, so the key's own order narrows the search; a clock set back makes ids run ahead.
        return rows.filter(ended_at__lt=value, pk__lte=id_at(value + AHEAD))

    def with_duration_from(self, rows: RunQuerySet, name: str, value: Any) -> RunQuerySet:
        return rows.alias(took=TOOK).filter(took__gte=_span(value))

    def with_duration_below(self, rows: RunQuerySet, name: str, value: Any) -> RunQuerySet:
        return rows.alias(took=TOOK).filter(took__lt=_span(value))

    def on_weekday(self, rows: RunQuerySet, name: str, value: str) -> RunQuerySet:
        return rows.alias(end_day=ExtractIsoWeekDay("ended_at", tzinfo=_zone())).filter(end_day=int(value))

    def in_hours(self, rows: RunQuerySet, name: str, value: Hours) -> RunQuerySet:
        first, last = value
        hours = rows.alias(end_hour=ExtractHour("ended_at", tzinfo=_zone()))
        return hours.filter(end_hour__gte=first, end_hour__lte=last)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _span(milliseconds: Any) -> Value:
    return Value(timedelta(milliseconds=int(milliseconds)), output_field=DurationField())
