"""ISO 8601 durations, the only way a workflow file writes a length of time."""

import re
from datetime import timedelta
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

LONGEST = timedelta(days=366)
PATTERN = (
    r"P(?=[0-9T])(?:(?P<weeks>[0-9]{1,9})W)?(?:(?P<days>[0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,9})M)?(?:(?P<seconds>[0-9]{1,9}(?:\.[0-9]{1,6})?)S)?)?"
)
_DURATION = re.compile(PATTERN, re.ASCII)
_CALENDAR = re.compile(r"P[^T]*[0-9][YM]", re.ASCII)


class DurationRefused(ValueError):
    """The text is not a duration; the message is a sentence that says what to write."""


def parse_duration(text: str) -> timedelta:
    """The length of time that `text` means. Months and years are refused: they have no fixed length."""
    if _CALENDAR.match(text):
        raise DurationRefused(_("Months and years have no fixed length; write days, as in P30D."))
    match = _DURATION.fullmatch(text)
    if match is None:
        raise DurationRefused(_("This is not a duration; write for example PT30S, PT15M, PT2H or P3D."))
    length = timedelta(**{unit: float(amount) for unit, amount in match.groupdict().items() if amount})
    if length > LONGEST:
        raise DurationRefused(_("This duration is longer than a year."))
    return length


def format_duration(length: timedelta) -> str:
    """The shortest usual text for a length of time: `PT90S` reads `PT1M30S`."""
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f"{length.microseconds / 1_000_000:.6f}"[1:].rstrip("0") if length.microseconds else ""
    units = ((hours, "H"), (minutes, "M"), (f"{seconds}{fraction}" if seconds or fraction else 0, "S"))
    clock = "".join(f"{amount}{unit}" for amount, unit in units if amount)
    days = f"{length.days}D" if length.days else ""
    return f"P{days}{'T' if clock else ''}{clock}" if days or clock else "PT0S"


def duration_between(least: timedelta, most: timedelta) -> BeforeValidator:
    """A validator for model fields: ISO 8601 text within the bounds, both included."""

    def read(value: object) -> timedelta:
        if not isinstance(value, str):
            raise PydanticCustomError("duration", _("A duration is text, as “PT30S”."))
        try:
            length = parse_duration(value)
        except DurationRefused as refusal:
            raise PydanticCustomError("duration", "{sentence}", {"sentence": str(refusal)}) from refusal
        if not least <= length <= most:
            bounds = {"least": format_duration(least), "most": format_duration(most)}
            raise PydanticCustomError(
                "duration", _("A duration from %(least)s to %(most)s is needed.") % bounds
            )
        return length

    return BeforeValidator(read)


_WRITTEN = PlainSerializer(format_duration, return_type=str)
_SCHEMA = WithJsonSchema({"type": "string", "format": "duration", "examples": ["PT30S", "PT15M", "P3D"]})

Timeout = Annotated[
    timedelta, duration_between(timedelta(seconds=1), timedelta(minutes=15)), _WRITTEN, _SCHEMA
]
Pause = Annotated[timedelta, duration_between(timedelta(0), timedelta(days=1)), _WRITTEN, _SCHEMA]
Interval = Annotated[timedelta, duration_between(timedelta(minutes=1), LONGEST), _WRITTEN, _SCHEMA]
CatchUp = Annotated[timedelta, duration_between(timedelta(0), timedelta(days=30)), _WRITTEN, _SCHEMA]
Window = Annotated[timedelta, duration_between(timedelta(minutes=1), timedelta(days=7)), _WRITTEN, _SCHEMA]
KeepTime = Annotated[timedelta, duration_between(timedelta(0), LONGEST), _WRITTEN, _SCHEMA]
RunLength = Annotated[
    timedelta, duration_between(timedelta(seconds=1), timedelta(days=30)), _WRITTEN, _SCHEMA
]
