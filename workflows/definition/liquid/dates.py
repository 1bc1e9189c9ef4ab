"""The `date` filter: an ISO 8601 time, or seconds since 1970, written another way."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from workflows.definition.json_values import Json
from workflows.definition.liquid.text import FilterFailed, as_text, fits

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_WRITERS: dict[str, Callable[[datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04d}",
    "y": lambda moment: f"{moment.year % 100:02d}",
    "m": lambda moment: f"{moment.month:02d}",
    "d": lambda moment: f"{moment.day:02d}",
    "e": lambda moment: f"{moment.day:2d}",
    "j": lambda moment: f"{moment.timetuple().tm_yday:03d}",
    "H": lambda moment: f"{moment.hour:02d}",
    "I": lambda moment: f"{(moment.hour - 1) % 12 + 1:02d}",
    "M": lambda moment: f"{moment.minute:02d}",
    "S": lambda moment: f"{moment.second:02d}",
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",
    "A": lambda moment: DAYS[moment.weekday()],
    "a": lambda moment: DAYS[moment.weekday()][:3],
    "B": lambda moment: MONTHS[moment.month - 1],
    "b": lambda moment: MONTHS[moment.month - 1][:3],
    "V": lambda moment: f"{moment.isocalendar().week:02d}",
    "G": lambda moment: f"{moment.isocalendar().year:04d}",
    "z": lambda moment: moment.isoformat()[-6:].replace(":", ""),
    "Z": lambda moment: moment.tzname() or "",
    "s": lambda moment: str(int(moment.timestamp())),
    "F": lambda moment: moment.date().isoformat(),
    "T": lambda moment: moment.time().isoformat("seconds"),
    "%": lambda moment: "%",
}


def date(value: Json, pattern: Json, zone: Json = "UTC") -> str:
    """`value` by `pattern`, in the named zone; a time without a zone is read as UTC."""
    text = as_text(pattern)
    fits(len(text) * 9)
    moment = moment_of(value).astimezone(_zone(as_text(zone)))
    return re.sub(r"%(.)", lambda match: _written(match[1], moment), text)


def moment_of(value: Json) -> datetime:
    """The instant that a time in ISO 8601 or seconds since 1970 mean; raises FilterFailed."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            moment = datetime.fromisoformat(as_text(value).strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as problem:
        raise FilterFailed(_("This is not a time; write for example 2026-03-01T09:30:00Z.")) from problem


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as problem:
        raise FilterFailed(
            _("“%(zone)s” is not a time zone; write for example Europe/Berlin.") % {"zone": name[:80]}
        ) from problem


def _written(directive: str, moment: datetime) -> str:
    if directive not in _WRITERS:
        raise FilterFailed(
            _("“%%%(directive)s” is not a part of a date that can be written.") % {"directive": directive}
        )
    try:
        return _WRITERS[directive](moment)
    except (ValueError, OverflowError) as problem:
        raise FilterFailed(_("This time cannot be written so.")) from problem


FILTERS: dict[str, Callable[..., Any]] = {"date": date}
