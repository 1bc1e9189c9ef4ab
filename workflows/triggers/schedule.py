"""`schedule`: the clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.durations import CatchUp, Interval
from workflows.triggers.base import INCOMPLETE, BaseTrigger, Problem, TriggerKind, register
from workflows.triggers.timetable import ScheduleRefused, Timetable
from workflows.words import DURATION, Words


class ScheduleTrigger(BaseTrigger):
    """`cron` in `timezone`, or `every`. After an outage the newest tick missed within `catch_up` runs once."""

    kind: Literal["schedule"]
    cron: str | None = Field(None, max_length=200)
    every: Interval | None = None
    timezone: str = Field("UTC", max_length=80)
    overlap: Literal["skip", "queue", "allow"] = "skip"
    catch_up: CatchUp = timedelta(hours=24)


class ScheduleKind(TriggerKind):
    kind = "schedule"
    label = gettext_lazy("Schedule")
    summary = gettext_lazy("A time of day, a weekday, or every so often.")
    icon = "calendar-clock"
    model = ScheduleTrigger
    fields = {
        "cron": Words(gettext_lazy("Cron line"), gettext_lazy("Five fields, such as 30 2 * * *, or @daily.")),
        "every": Words(gettext_lazy("Or every"), DURATION),
        "timezone": Words(gettext_lazy("Time zone"), suggest="zones"),
        "overlap": Words(
            gettext_lazy("If the last run still goes on"),
            choices={
                "skip": gettext_lazy("Skip"),
                "queue": gettext_lazy("Wait for its end"),
                "allow": gettext_lazy("Start beside it"),
            },
        ),
        "catch_up": Words(
            gettext_lazy("Catch up within"),
            gettext_lazy("After an outage, the newest missed time runs once."),
        ),
    }

    def describe(self, trigger: ScheduleTrigger) -> str:
        try:
            return self.timetable(trigger).describe()
        except ScheduleRefused:
            return trigger.cron or ""

    def timetable(self, trigger: ScheduleTrigger) -> Timetable:
        return Timetable.from_trigger(cron=trigger.cron, every=trigger.every, timezone=trigger.timezone)

    def problems(self, trigger: ScheduleTrigger, *, now: datetime) -> Iterator[Problem]:
        if not trigger.cron and trigger.every is None:
            fix = _("Write a cron line such as 30 2 * * *, or every, such as PT15M.")
            yield Problem("cron", _("The schedule has no time."), fix, INCOMPLETE)
            return
        if trigger.cron is not None and trigger.every is not None:
            fix = _("Keep only one of them.")
            yield Problem("every", _("The schedule has both cron and every."), fix, INCOMPLETE)
            return
        yield from self._timetable_problems(trigger, now)

    def _timetable_problems(self, trigger: ScheduleTrigger, now: datetime) -> Iterator[Problem]:
        field = "cron" if trigger.cron else "every"
        fix = _("Write a cron line of five fields, such as 30 2 * * *, and a zone such as Europe/Berlin.")
        try:
            due = self.timetable(trigger).next_after(now, anchor=now)
        except ScheduleRefused as refused:
            yield Problem(field, str(refused), fix, "schedule_refused")
            return
        if due is None:
            yield Problem(field, _("The schedule has no next time."), fix, "schedule_never_due")


register(ScheduleKind())
