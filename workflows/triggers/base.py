"""What a kind of trigger is. Intake and checks go through this and name no kind."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from django.utils.functional import Promise

from workflows.definition.conditions import Condition
from workflows.definition.dispatch import Dispatch
from workflows.steps.base import Problem
from workflows.steps.model import Identifier, Part
from workflows.triggers.registry import TRIGGER_KINDS
from workflows.triggers.timetable import Timetable
from workflows.words import FieldWords

__all__ = ["AnyTrigger", "BaseTrigger", "Part", "Problem", "TriggerKind", "kind_of", "kinds", "register"]

INCOMPLETE = "incomplete_trigger"


class BaseTrigger(Part):
    """A trigger of any kind. A kind's own fields all have defaults: a draft may be incomplete, `check` says so."""

    id: Identifier
    kind: str


AnyTrigger = Annotated[BaseTrigger, Dispatch("Trigger", TRIGGER_KINDS.model_of)]


class TriggerKind:
    """One kind of trigger; an instance is registered by the module that holds it."""

    kind: ClassVar[str]
    label: ClassVar[str | Promise]
    summary: ClassVar[str | Promise]
    icon: ClassVar[str]
    model: ClassVar[type[BaseTrigger]]
    fields: ClassVar[FieldWords] = {}
    """Words about its own fields, those inside others by path."""
    has_address: ClassVar[bool] = False
    """Whether requests reach it at an address of its own."""
    payload_name: ClassVar[str] = "data"
    """Where templates find what came: `trigger.data` or `trigger.body`."""

    def describe(self, trigger: Any) -> str:
        """One line for the page."""
        return ""

    def needs_secret(self, trigger: Any) -> bool:
        """Whether it can take nothing before a secret is set."""
        return False

    def event_name(self, trigger: Any) -> str:
        """The event it waits for, or nothing."""
        return ""

    def timetable(self, trigger: Any) -> Timetable | None:
        """When it is due, for kinds that follow the clock; raises ScheduleRefused."""
        return None

    def conditions(self, trigger: Any) -> Iterator[tuple[str, Condition]]:
        """Its conditions with their places; they may read `trigger` alone."""
        yield from ()

    def problems(self, trigger: Any, *, now: datetime) -> Iterator[Problem]:
        """What is missing or contradicts itself."""
        yield from ()


def register(kind: TriggerKind) -> TriggerKind:
    """Make a kind known; raises ValueError if its name is taken."""
    return TRIGGER_KINDS.register(kind)


def kinds() -> Mapping[str, TriggerKind]:
    """Every kind of trigger by its name."""
    return TRIGGER_KINDS.kinds()


def kind_of(trigger: BaseTrigger) -> TriggerKind:
    """The kind of a trigger."""
    return kinds()[trigger.kind]
