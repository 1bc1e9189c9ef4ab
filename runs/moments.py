"""Filters by a moment: a day or a time, as people and addresses write it."""

from datetime import datetime, timedelta
from datetime import time as clock
from typing import Any, Final

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils import dateparse, timezone
from django.utils.translation import gettext as _

# Beyond them neither ids nor zones can be computed.
YEARS: Final = range(1971, 9999)


class MomentInput(forms.DateTimeInput):
    """The browser's own control, which takes wall-clock times without zone only."""

    input_type = "datetime-local"
    is_end = False

    def format_value(self, value: Any) -> str:
        moment = _moment(str(value or ""), is_end=self.is_end)
        return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}" if moment else ""


class MomentField(forms.Field):
    """A day or a time, ISO 8601; without offset in the person's zone.

    A day means its first moment or, with `is_end`, the one after its last.
    """

    widget = MomentInput

    def __init__(self, *, is_end: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.is_end = self.widget.is_end = is_end

    def clean(self, value: Any) -> datetime | None:
        text = str(super().clean(value) or "")
        moment = _moment(text, is_end=self.is_end)
        if text and moment is None:
            raise ValidationError(_("Write a day or a time, such as 2026-11-23 or 2026-11-23T09:14."))
        return moment


class MomentFilter(django_filters.Filter):
    field_class = MomentField


def _moment(text: str, *, is_end: bool) -> datetime | None:
    try:
        day = dateparse.parse_date(text)
        if day:
            moment = datetime.combine(day + timedelta(days=is_end), clock.min)
        else:
            parsed = dateparse.parse_datetime(text)
            if parsed is None:
                return None
            moment = parsed
        if moment.year not in YEARS:
            return None
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    except (ValueError, OverflowError):
        return None
