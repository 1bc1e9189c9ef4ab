"""`decision`: runs the first branch whose condition holds, else `otherwise`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.conditions import AnyCondition, Condition, constant, holds
from workflows.steps.base import (
    AnyStep,
    BaseStep,
    Branch,
    Nest,
    Part,
    Problem,
    StepContext,
    StepKind,
    register,
)
from workflows.words import Words


class DecisionBranch(Part):
    """One way to go, and when."""

    name: str = Field("", max_length=100)
    if_: AnyCondition | None = Field(None, alias="if")
    steps: list[AnyStep] = Field(default_factory=list)


class DecisionStep(BaseStep):
    """Branches are tried from the top."""

    kind: Literal["decision"]
    branches: list[DecisionBranch] = Field(default_factory=list, max_length=50)
    otherwise: list[AnyStep] = Field(default_factory=list)

    def name_of(self, place: int) -> str:
        """A branch's name, or its number from 1."""
        return self.branches[place].name or str(place + 1)


class DecisionKind(StepKind):
    kind = "decision"
    label = gettext_lazy("Decision")
    summary = gettext_lazy("Runs the first branch whose condition holds.")
    icon = "split"
    model = DecisionStep
    is_instant = True
    structural = frozenset({"branches", "otherwise"})
    begins_with = {"branches": [{"steps": []}], "otherwise": []}
    fields = {
        "branches": Words(
            gettext_lazy("Branches"),
            gettext_lazy("The first whose condition holds is taken."),
            one=gettext_lazy("Branch"),
        ),
        "branches.name": Words(gettext_lazy("Name")),
        "branches.if": Words(gettext_lazy("Taken if")),
    }

    def perform(self, step: DecisionStep, params: dict[str, Any], context: StepContext) -> Branch:
        for place, branch in enumerate(step.branches):
            if branch.if_ is not None and holds(branch.if_, context.names):
                return Branch(branch.steps, {"branch": step.name_of(place)})
        return Branch(step.otherwise, {"branch": None})

    def outputs(self, step: DecisionStep) -> Sequence[str]:
        return ("branch",)

    def describe(self, step: DecisionStep) -> str:
        return ", ".join([step.name_of(place) for place in range(len(step.branches))] + [_("otherwise")])

    def nests(self, step: DecisionStep) -> Iterator[Nest]:
        open_ = True
        for place, branch in enumerate(step.branches):
            known = None if branch.if_ is None else constant(branch.if_)
            yield Nest(
                f"branches.{place}.steps",
                branch.steps,
                exclusive=True,
                is_reachable=open_ and known is not False,
                label=_("If %(branch)s") % {"branch": step.name_of(place)},
            )
            open_ = open_ and known is not True
        yield Nest("otherwise", step.otherwise, exclusive=True, is_reachable=open_, label=_("Otherwise"))

    def conditions(self, step: DecisionStep) -> Iterator[tuple[str, Condition]]:
        for place, branch in enumerate(step.branches):
            if branch.if_ is not None:
                yield f"branches.{place}.if", branch.if_

    def ends_run(self, step: DecisionStep, ends: Callable[[Sequence[BaseStep]], bool]) -> bool:
        return all(ends(nest.steps) for nest in self.nests(step) if nest.is_reachable)

    def problems(self, step: DecisionStep) -> Iterator[Problem]:
        if not step.branches:
            yield Problem("branches", _("The decision has no branch."), _("Add a branch with a condition."))
        for place, branch in enumerate(step.branches):
            if branch.if_ is None:
                path = f"branches.{place}.if"
                yield Problem(path, _("The branch has no condition."), _("Say when the branch is taken."))


register(DecisionKind())
