"""A definition taken apart once, for the checks."""

from dataclasses import dataclass
from functools import cached_property

from workflows.definition.models import Definition
from workflows.definition.references import Steps, is_enabled
from workflows.definition.walk import Place, places
from workflows.triggers.base import BaseTrigger


@dataclass(frozen=True)
class Parts:
    """The triggers and steps of a definition with their places."""

    definition: Definition

    @cached_property
    def triggers(self) -> list[tuple[str, BaseTrigger]]:
        """With their paths."""
        return [(f"triggers.{place}", trigger) for place, trigger in enumerate(self.definition.triggers)]

    @cached_property
    def places(self) -> list[Place]:
        """Every step."""
        return list(places(self.definition.steps))

    @cached_property
    def enabled(self) -> list[Place]:
        """Every step that is switched on, with all around it."""
        return [place for place in self.places if is_enabled(place)]

    @cached_property
    def steps(self) -> Steps:
        """For asking what a step may refer to."""
        return Steps(self.places)
