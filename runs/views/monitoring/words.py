"""How figures and stretches of time are written."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.web import time
from config.web.charts import Bucket
from runs.monitoring.figures import Figures
from runs.monitoring.windows import Window
from runs.summaries import RATIO_LEAST

DAY: Final = timedelta(days=1)


def percent(share: float) -> str:
    """A share from 0 to 1: "97.5 %". Only nothing at all is 0 %, and only everything is 100 %."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def telling_ratio(figures: Figures) -> float | None:
    """The share of successes where enough runs finished for one."""
    return figures.ratio if figures.finished >= RATIO_LEAST else None


def ratio(figures: Figures) -> str:
    """The share of successes; of fewer than 20 runs, how many there were."""
    found = telling_ratio(figures)
    if found is not None:
        return percent(found)
    return f"n = {figures.finished}" if figures.finished else "—"


def milliseconds(value: float | None) -> str:
    """A duration; a dash where there is none."""
    return time.duration(timedelta(milliseconds=value)) if value is not None else "—"


def succeeded(n: int) -> str:
    return ngettext("%(n)s succeeded", "%(n)s succeeded", n) % {"n": f"{n:,}"}


def failed(n: int) -> str:
    return ngettext("%(n)s failed", "%(n)s failed", n) % {"n": f"{n:,}"}


def runs(n: int) -> str:
    return ngettext("%(n)s run", "%(n)s runs", n) % {"n": f"{n:,}"}


def stretch(start: datetime, end: datetime, zone: tzinfo) -> str:
    """ "23 Nov 2026, 09:00 to 09:15", "23 Nov 2026", "23 Nov 2026 to 29 Nov 2026"."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if end - start < timedelta(hours=20):
        return _("%(day)s, %(start)s to %(end)s") % {
            "day": formats.date_format(first, "j M Y"),
            "start": f"{first:%H:%M}",
            "end": f"{last:%H:%M}",
        }
    final = formats.date_format(last - timedelta(minutes=1), "j M Y")
    day = formats.date_format(first, "j M Y")
    return day if day == final else _("%(first)s to %(last)s") % {"first": day, "last": final}


def window(shown: Window) -> str:
    """From when until when, and in which zone."""
    start, end = (moment.astimezone(shown.zone) for moment in (shown.start, shown.end))
    return _("%(start)s to %(end)s") % {
        "start": formats.date_format(start, "j M Y, H:i"),
        "end": f"{formats.date_format(end, 'j M Y, H:i')} {time.zone_name(end)}",
    }


def is_unfinished(end: datetime, now: datetime) -> bool:
    """Whether a bucket lasts still."""
    return end.astimezone(UTC) > now


def removed(n: int) -> str:
    """What is said of runs that retention removed; empty for none."""
    return _("details of %(n)s removed") % {"n": runs(n)} if n else ""


def most(bucket: Bucket | None) -> str:
    """A sentence about the bucket in which most ended; empty without one."""
    if bucket is None:
        return ""
    return _("The busiest stretch was %(when)s: %(n)s.") % {
        "when": bucket.label,
        "n": runs(bucket.up + bucket.down),
    }
