"""Numbers and times of reports in words."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import formats
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from config.web import time

NONE: Final = "—"


def parse_moment(text: str) -> datetime:
    """A time of a document."""
    found = parse_datetime(text)
    assert found is not None, text
    return found


def day_of(moment: datetime) -> str:
    """A day in words."""
    return formats.date_format(moment.date(), "j M Y")


def percent(ratio: float | None) -> str:
    """A share as a percentage, never rounded up to all."""
    if ratio is None:
        return NONE
    shown = f"{int(ratio * 1000) / 10:g}"
    return _("%(n)s %%") % {"n": shown}


def share(change: float | None) -> str:
    """A change as a signed percentage."""
    return "" if change is None else _("%(n)s %%") % {"n": _signed(f"{change * 100:+.0f}")}


def points(change: float | None) -> str:
    """A change of a percentage in points."""
    return "" if change is None else _("%(n)s points") % {"n": _signed(f"{change * 100:+.1f}")}


def _signed(number: str) -> str:
    return f"±{number[1:]}" if float(number) == 0 else number.replace("-", "\N{MINUS SIGN}")


def tone(change: float | None, good: int = 1) -> str:
    """Whether a change is `better`, `worse` or neither; `good` is the direction that is better."""
    if change is None or abs(change) < 0.005:
        return ""
    return "better" if change * good > 0 else "worse"


def length(milliseconds: int | None) -> str:
    """A duration."""
    return NONE if milliseconds is None else time.duration(timedelta(milliseconds=milliseconds))


def seconds(count: int) -> str:
    """A long duration; a dash for none."""
    return time.duration(timedelta(seconds=count)) if count else NONE
