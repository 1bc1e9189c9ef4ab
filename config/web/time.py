"""Times for people: absolute, in the person's zone, inside `<time datetime>`."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.web import numbers

Precision = Literal["minute", "second", "millisecond"]


def machine(moment: datetime) -> str:
    """UTC, ISO 8601 with microseconds and Z: what commands and API print."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def zone_name(moment: datetime) -> str:
    """The zone's abbreviation at that moment; zones without one show their offset."""
    name = moment.tzname() or "UTC"
    return f"UTC{name}" if name[:1] in "+-" else name


def human(moment: datetime, *, precision: Precision = "minute") -> str:
    """ "23 Nov 2026, 09:14 CET" in the active zone."""
    local = timezone.localtime(moment)
    day = formats.date_format(local, "j M Y")
    clock = local.strftime({"minute": "%H:%M"}.get(precision, "%H:%M:%S"))
    if precision == "millisecond":
        clock += f".{local.microsecond // 1000:03d}"
    return f"{day}, {clock} {zone_name(local)}"


def soon(moment: datetime) -> str:
    """ "09:14" today in the active zone, "23 Nov, 09:14" on another day: where there is little room."""
    local = timezone.localtime(moment)
    clock = local.strftime("%H:%M")
    is_today = local.date() == timezone.localdate()
    return clock if is_today else f"{formats.date_format(local, 'j M')}, {clock}"


def element(moment: datetime, *, precision: Precision = "minute", is_relative: bool = True) -> SafeString:
    """The `<time>` element. Script adds how long ago it was, unless `is_relative` is False."""
    hint = " data-relative" if is_relative else ""
    text = human(moment, precision=precision)
    return format_html('<time datetime="{}"{}>{}</time>', machine(moment), hint, text)


def duration(span: timedelta) -> str:
    """A length of time in at most two units: 340 ms, 4.2 s, 3 min 5 s, 2 h 4 min, 3 d 2 h."""
    seconds = span.total_seconds()
    if seconds < 1:
        return _("%(n)d ms") % {"n": round(seconds * 1000)}
    if seconds < 60:
        return _("%(n)s s") % {"n": numbers.short(int(seconds * 10) / 10)}
    whole = int(seconds)
    if whole < 3600:
        return _("%(a)d min %(b)d s") % {"a": whole // 60, "b": whole % 60}
    if whole < 86_400:
        return _("%(a)d h %(b)d min") % {"a": whole // 3600, "b": whole % 3600 // 60}
    return _("%(a)d d %(b)d h") % {"a": whole // 86_400, "b": whole % 86_400 // 3600}
