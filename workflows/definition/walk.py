"""Going through the steps of a definition, nested ones too, in the order in which they are written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from workflows.definition.conditions import Condition
from workflows.steps.base import BaseStep, FailureSteps, Nest, OutsideStep, kind_of


@dataclass(frozen=True)
class Place:
    """A step and where it stands: its path in the file, and the steps and lists it stands in, outermost first."""

    step: BaseStep
    path: str
    inside: tuple[tuple[BaseStep, Nest], ...] = ()

    @property
    def depth(self) -> int:
        """How many steps stand around it."""
        return len(self.inside)

    @property
    def has_item(self) -> bool:
        """Whether a loop gives it the name `item`."""
        return any(nest.repeated for _step, nest in self.inside)


def places(
    steps: Sequence[BaseStep], path: str = "steps", *, inside: tuple[tuple[BaseStep, Nest], ...] = ()
) -> Iterator[Place]:
    """Every step with its place."""
    for number, step in enumerate(steps):
        here = f"{path}.{number}"
        yield Place(step, here, inside)
        for nest in nests_of(step):
            yield from places(nest.steps, f"{here}.{nest.path}", inside=(*inside, (step, nest)))


def nests_of(step: BaseStep) -> Iterator[Nest]:
    """The lists of steps inside a step, those for its failure last."""
    yield from kind_of(step).nests(step)
    if isinstance(step, OutsideStep) and isinstance(step.on_failure, FailureSteps):
        yield Nest("on_failure.steps", step.on_failure.steps, label=_("If it fails"))


def conditions_of(step: BaseStep) -> Iterator[tuple[str, Condition]]:
    """The step's conditions, its `if` first, with their places below it."""
    if step.if_ is not None:
        yield "if", step.if_
    yield from kind_of(step).conditions(step)
