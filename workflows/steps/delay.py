"""`delay`: waits for a time, until a moment, or until a time of day."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.durations import DurationRefused, parse_duration
from workflows.definition.limits import LONGEST_WAIT_DAYS
from workflows.definition.liquid.dates import moment_of
from workflows.definition.liquid.text import FilterFailed
from workflows.definition.templating import holds_template
from workflows.steps.base import BaseStep, Done, Problem, StepContext, StepError, StepKind, Wait, register
from workflows.words import DURATION, Words

LONGEST = timedelta(days=LONGEST_WAIT_DAYS)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class DelayStep(BaseStep):
    """One of `for` (a duration), `until` (a date and time) and `until_time` (HH:MM in `timezone`, on `days`)."""

    kind: Literal["delay"]
    for_: str | None = Field(None, alias="for", max_length=1_000)
    until: str | None = Field(None, max_length=1_000)
    until_time: str | None = Field(None, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    timezone: str = Field("", max_length=80)
    days: list[Weekday] = Field(default_factory=list, max_length=7)

    @property
    def chosen(self) -> list[str]:
        """Which of the three ways are written."""
        ways = {"for": self.for_, "until": self.until, "until_time": self.until_time}
        return [way for way, text in ways.items() if text]


def next_time(step: DelayStep, now: datetime) -> datetime:
    """The next instant at which the wall clock of the zone shows the time, later than now, on one of the days.

    A time that a change of clocks leaves out falls on the first instant after the gap.
    """
    zone = ZoneInfo(step.timezone)
    hour, minute = (int(part) for part in (step.until_time or "").split(":"))
    today = now.astimezone(zone).replace(
        hour=hour, minute=minute, second=0, microsecond=0, tzinfo=None, fold=0
    )
    for ahead in range(-1, 9):
        local = today + timedelta(days=ahead)
        moment = _instant(local, zone)
        if moment > now and (not step.days or WEEKDAYS[local.weekday()] in step.days):
            return moment
    raise StepError(_("There is no such time within the next week."), code="no_such_time")


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at or after a wall-clock time; of a repeated hour, its first."""
    for minutes in range(36 * 60):
        moment = (local + timedelta(minutes=minutes)).replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None, fold=0) == local + timedelta(minutes=minutes):
            return moment
    return local.replace(tzinfo=zone).astimezone(UTC)


class DelayKind(StepKind):
    kind = "delay"
    label = gettext_lazy("Delay")
    summary = gettext_lazy("Waits for a time, until a moment, or until a time of day.")
    icon = "hourglass"
    model = DelayStep
    fields = {
        "for": Words(gettext_lazy("Wait for"), DURATION),
        "until": Words(
            gettext_lazy("Or until"),
            gettext_lazy("A date and time, such as 2026-12-01T09:00:00Z, or a value that is one."),
        ),
        "until_time": Words(
            gettext_lazy("Or until a time of day"), gettext_lazy("Hours and minutes, such as 09:00.")
        ),
        "timezone": Words(gettext_lazy("Time zone"), gettext_lazy("Of the time of day."), suggest="zones"),
        "days": Words(
            gettext_lazy("On"),
            gettext_lazy("None ticked: on any day."),
            choices={
                "mon": gettext_lazy("Monday"),
                "tue": gettext_lazy("Tuesday"),
                "wed": gettext_lazy("Wednesday"),
                "thu": gettext_lazy("Thursday"),
                "fri": gettext_lazy("Friday"),
                "sat": gettext_lazy("Saturday"),
                "sun": gettext_lazy("Sunday"),
            },
        ),
    }

    def perform(self, step: DelayStep, params: dict[str, Any], context: StepContext) -> Wait:
        until = self._until(step, params, context.now)
        if until - context.now > LONGEST:
            most = {"days": LONGEST_WAIT_DAYS}
            raise StepError(_("The delay is longer than %(days)d days.") % most, code="delay_too_long")
        return Wait(until, _output(until))

    def simulate(self, step: DelayStep, params: dict[str, Any], context: StepContext) -> Done:
        return Done({"simulated": True, **_output(self._until(step, params, context.now))})

    def _until(self, step: DelayStep, params: dict[str, Any], now: datetime) -> datetime:
        try:
            if step.for_:
                return now + parse_duration(str(params["for"]))
            if step.until:
                return moment_of(params["until"])
            if step.until_time:
                return next_time(step, now)
        except (DurationRefused, FilterFailed) as refused:
            raise StepError(str(refused), code="bad_delay") from refused
        except (ValueError, OSError, LookupError) as unknown:
            raise StepError(_("The time zone of the delay is not known."), code="bad_delay") from unknown
        raise StepError(_("The delay does not say how long."), code="bad_delay")

    def outputs(self, step: DelayStep) -> Sequence[str]:
        return ("until",)

    def describe(self, step: DelayStep) -> str:
        if step.until_time:
            return " ".join([step.until_time, step.timezone, *step.days]).strip()
        return step.for_ or step.until or ""

    def problems(self, step: DelayStep) -> Iterator[Problem]:
        if len(step.chosen) != 1:
            yield Problem(
                "", _("The delay needs one of for, until and until_time."), _("Keep exactly one of them.")
            )
        if step.until_time:
            yield from _zone_problems(step)
        if step.for_ and not holds_template(step.for_):
            yield from _duration_problems(step.for_)
        if step.until and not holds_template(step.until):
            yield from _moment_problems(step.until)


def _output(until: datetime) -> dict[str, Any]:
    return {"until": until.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")}


def _zone_problems(step: DelayStep) -> Iterator[Problem]:
    try:
        ZoneInfo(step.timezone)
    except (ValueError, OSError, LookupError):
        fix = _("Write a zone such as Europe/Berlin.")
        yield Problem("timezone", _("The time zone is missing or not known."), fix, "unknown_timezone")


def _duration_problems(text: str) -> Iterator[Problem]:
    try:
        if parse_duration(text) > LONGEST:
            raise DurationRefused(_("The delay is longer than %(days)d days.") % {"days": LONGEST_WAIT_DAYS})
    except DurationRefused as refused:
        yield Problem("for", str(refused), _("Write a shorter time, for example PT15M or P3D."))


def _moment_problems(text: str) -> Iterator[Problem]:
    try:
        moment_of(text)
    except FilterFailed as refused:
        yield Problem("until", str(refused))


register(DelayKind())
