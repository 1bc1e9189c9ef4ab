"""`event`: an event sent to the API, of this scope or inside it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.conditions import AnyCondition, Condition
from workflows.triggers.base import INCOMPLETE, BaseTrigger, Problem, TriggerKind, register
from workflows.words import Words


class EventTrigger(BaseTrigger):
    """Fires for each event of that name for which `where` holds."""

    kind: Literal["event"]
    event: str = Field("", max_length=200, pattern=r"^([A-Za-z0-9_:/-]+(\.[A-Za-z0-9_:/-]+)*)?$")
    where: AnyCondition | None = None


class EventKind(TriggerKind):
    kind = "event"
    label = gettext_lazy("Event")
    summary = gettext_lazy("An event sent to the API.")
    icon = "radio"
    model = EventTrigger
    fields = {
        "event": Words(gettext_lazy("Event"), gettext_lazy("Its name, such as data.captured.")),
        "where": Words(gettext_lazy("Only if"), gettext_lazy("Other events of that name start nothing.")),
    }

    def describe(self, trigger: EventTrigger) -> str:
        return trigger.event

    def event_name(self, trigger: EventTrigger) -> str:
        return trigger.event

    def conditions(self, trigger: EventTrigger) -> Iterator[tuple[str, Condition]]:
        if trigger.where is not None:
            yield "where", trigger.where

    def problems(self, trigger: EventTrigger, *, now: datetime) -> Iterator[Problem]:
        if not trigger.event:
            fix = _("Write the name of the event, for example data.captured.")
            yield Problem("event", _("The trigger names no event."), fix, INCOMPLETE)


register(EventKind())
