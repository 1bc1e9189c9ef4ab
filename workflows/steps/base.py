"""What a kind of step is. The engine performs steps through this and names no kind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from workflows.definition.conditions import Condition
from workflows.definition.json_values import Json, depth
from workflows.definition.limits import limits
from workflows.definition.liquid.budget import Budget
from workflows.definition.templating import TemplateFailed, render
from workflows.steps.context import ConnectionAccess, EmailMessageData, StepContext
from workflows.steps.errors import StepError
from workflows.steps.model import (
    COMMON_FIELDS,
    AnyStep,
    BaseStep,
    FailureSteps,
    OnCrash,
    OutsideStep,
    Part,
    Retry,
)
from workflows.steps.outcomes import AwaitRun, Branch, Done, Finish, Loop, Outcome, RecordedValue, Wait
from workflows.steps.registry import STEP_KINDS
from workflows.words import FieldWords

__all__ = [
    "COMMON_FIELDS", "AnyStep", "AwaitRun", "BaseStep", "Branch", "ConnectionAccess", "Done", "EmailMessageData",
    "FailureSteps", "Finish", "Loop", "Nest", "OnCrash", "Outcome", "OutsideStep", "Part", "Problem", "RecordedValue",
    "Retry", "StepContext", "StepError", "StepKind", "Wait", "kind_of", "kinds", "register",
]  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """What is missing or wrong in one part, for `check`; `path` is below the part, `code` of docs/definition.md.

    Without `stands_in_the_way` it is a warning: the step may well fail, but that is for its run to find out.
    """

    path: str
    message: str | Promise
    fix: str | Promise = ""
    code: str = "incomplete_step"
    stands_in_the_way: bool = True


@dataclass(frozen=True)
class Nest:
    """A list of steps inside a step. `path` is below the step.

    `exclusive`: its siblings do not run when this does. `repeated`: it runs once for each `item`.
    `is_reachable`: False where it can be seen that it never runs. `label`: when it runs, in words for people.
    """

    path: str
    steps: Sequence[BaseStep]
    exclusive: bool = False
    repeated: bool = False
    is_reachable: bool = True
    label: str = ""


class StepKind:
    """One kind of step; an instance is registered by the module that holds it. Knows neither models, retries nor audit."""

    kind: ClassVar[str]
    label: ClassVar[str | Promise]
    summary: ClassVar[str | Promise]
    icon: ClassVar[str]
    model: ClassVar[type[BaseStep]]
    acts_outside: ClassVar[bool] = False
    is_instant: ClassVar[bool] = False
    """Whether it only computes: it neither waits, acts outside, nor reads or writes anything but its own run."""
    structural: ClassVar[frozenset[str]] = frozenset()
    """Fields that are never rendered: nested steps and conditions."""
    fields: ClassVar[FieldWords] = {}
    """Words about its own fields, those inside others by path."""
    begins_with: ClassVar[Mapping[str, Json]] = {}
    """What stands in a new step besides id and kind."""
    escaped: ClassVar[frozenset[str]] = frozenset()
    """Fields whose outputs are escaped for HTML."""

    def parameters(self, step: Any) -> dict[str, Any]:
        """The step's own fields as they are written, those that are never rendered left out."""
        return {name: value for name, value in step.written.items() if name not in self.structural}

    def render(self, step: Any, names: Mapping[str, Json]) -> dict[str, Any]:
        """The parameters for these names; raises TemplateFailed, a StepError."""
        budget = Budget()
        rendered = {
            key: _rendered(key, value, names, budget, in_html=key in self.escaped)
            for key, value in self.parameters(step).items()
        }
        if depth(rendered) > limits().json_depth:
            raise TemplateFailed(_("The values of the step stand too deep inside each other."))
        return rendered

    def perform(self, step: Any, params: dict[str, Any], context: StepContext) -> Outcome:
        """Do it; raises StepError. `params` come from `render`."""
        raise NotImplementedError

    def simulate(self, step: Any, params: dict[str, Any], context: StepContext) -> Outcome:
        """What a test run does instead of acting outside."""
        return self.perform(step, params, context)

    def on_crash(self, step: Any) -> OnCrash:
        """What to do when a worker died after the step may have acted."""
        return "repeat"

    def describe(self, step: Any) -> str:
        """One line for the page."""
        return ""

    def outputs(self, step: Any) -> Sequence[str]:
        """The names below `steps.<id>` that later steps can count on."""
        return ()

    def nests(self, step: Any) -> Iterator[Nest]:
        """The lists of steps inside, in the order in which they are written."""
        yield from ()

    def conditions(self, step: Any) -> Iterator[tuple[str, Condition]]:
        """The kind's own conditions with their places; `if` is not among them."""
        yield from ()

    def ends_run(self, step: Any, ends: Callable[[Sequence[BaseStep]], bool]) -> bool:
        """Whether nothing after the step can run; `ends` says it of a list."""
        return False

    def problems(self, step: Any) -> Iterator[Problem]:
        """What is missing or contradicts itself."""
        yield from ()

    def connection_name(self, step: Any) -> str:
        """The connection the step uses, or nothing."""
        return ""

    def workflow_reference(self, step: Any) -> str:
        """The workflow the step starts, or nothing."""
        return ""

    def records_value(self, step: Any) -> bool:
        """Whether the step adds to the workflow's business impact."""
        return False


def _rendered(key: str, value: Json, names: Mapping[str, Json], budget: Budget, *, in_html: bool) -> Json:
    # With its key, so that a failure names the field.
    rendered = render({key: value}, names, in_html=in_html, budget=budget)
    assert isinstance(rendered, dict)
    return rendered[key]


def register(kind: StepKind) -> StepKind:
    """Make a kind known; raises ValueError if its name is taken."""
    return STEP_KINDS.register(kind)


def kinds() -> Mapping[str, StepKind]:
    """Every kind of step by its name."""
    return STEP_KINDS.kinds()


def kind_of(step: BaseStep) -> StepKind:
    """The kind of a step."""
    return kinds()[step.kind]
