"""Definitions kept ready, so that runs of one version share one reading of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from workflows.definition.instant import is_instant, queues
from workflows.definition.loading import parse, validate
from workflows.definition.models import Definition
from workflows.triggers.base import BaseTrigger

MOST_KEPT = 1_024
"""A definition takes some ten kilobytes; where a thousand schedules share a minute, fewer would all be read anew."""


@lru_cache(maxsize=MOST_KEPT)
def compile_definition(text: str) -> Definition:
    """The one definition that a stored JSON text holds; raises DefinitionRefused. It must not be changed."""
    return validate(parse(text, allow_yaml=False)[0])


@dataclass(frozen=True)
class Compiled:
    """A version's definition with what intake and engine ask of it for every run."""

    definition: Definition

    @cached_property
    def is_instant(self) -> bool:
        """Whether its runs may be claimed and closed together with others, but for those of `queued` triggers."""
        return is_instant(self.definition)

    @cached_property
    def queued(self) -> frozenset[str]:
        """The triggers whose runs go one after the other."""
        return frozenset(name for name in self.triggers if queues(self.definition, name))

    @cached_property
    def triggers(self) -> Mapping[str, BaseTrigger]:
        """The triggers by their id."""
        return {trigger.id: trigger for trigger in self.definition.triggers}


@lru_cache(maxsize=MOST_KEPT)
def compiled(text: str) -> Compiled:
    """The same definition, made ready; raises DefinitionRefused."""
    return Compiled(compile_definition(text))
