"""Checks of triggers and steps by themselves: complete, readable, reachable, within limits."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from workflows.definition.conditions import Comparison, conditions_in, constant
from workflows.definition.findings import Finding, error, join_path, warning
from workflows.definition.parts import Parts
from workflows.definition.references import name_findings
from workflows.definition.surroundings import Surroundings
from workflows.definition.walk import conditions_of, nests_of
from workflows.steps.base import BaseStep, kind_of
from workflows.triggers.base import kind_of as trigger_kind_of


def presence(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """A workflow needs a trigger and a step."""
    if not parts.definition.triggers:
        fix = _("Add a webhook, an event, a schedule or a manual trigger.")
        yield error("no_trigger", "triggers", _("Nothing starts the workflow: it has no trigger."), fix)
    if not parts.definition.steps:
        yield error("no_step", "steps", _("The workflow does nothing: it has no step."), _("Add a step."))
    elif not parts.enabled:
        yield error("no_step", "steps", _("All steps are switched off."), _("Switch a step on."))


def completeness(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """What triggers and steps say about themselves."""
    for path, trigger in parts.triggers:
        for problem in trigger_kind_of(trigger).problems(trigger, now=around.now):
            yield error(problem.code, join_path(path, problem.path), str(problem.message), str(problem.fix))
    for place in parts.enabled:
        for problem in kind_of(place.step).problems(place.step):
            told = error if problem.stands_in_the_way else warning
            where = join_path(place.path, problem.path)
            yield told(problem.code, where, str(problem.message), str(problem.fix))


def templates(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """Templates that cannot be read, and names that are not there."""
    for path, trigger in parts.triggers:
        for inner, condition in trigger_kind_of(trigger).conditions(trigger):
            for place, value in _compared(condition, join_path(path, inner)):
                yield from name_findings(place, value, None, parts.steps)
    for here in parts.enabled:
        for field, value in kind_of(here.step).parameters(here.step).items():
            yield from name_findings(join_path(here.path, field), value, here, parts.steps)
        for inner, condition in conditions_of(here.step):
            for place, value in _compared(condition, join_path(here.path, inner)):
                yield from name_findings(place, value, here, parts.steps)


def _compared(condition: object, path: str) -> Iterator[tuple[str, object]]:
    for place, inner in conditions_in(condition, path):  # type: ignore[arg-type]
        if isinstance(inner, Comparison):
            yield join_path(place, "left"), inner.left
            yield join_path(place, "right"), inner.right


def reachability(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """Steps that can be seen never to run."""
    yield from _unreachable(parts.definition.steps, "steps")


def _unreachable(steps: Sequence[BaseStep], path: str) -> Iterator[Finding]:
    ended_by = ""
    for number, step in enumerate(steps):
        here = f"{path}.{number}"
        if not step.enabled:
            continue
        if ended_by:
            sentence = _("The step never runs: “%(name)s” ends the run before it.") % {"name": ended_by}
            yield error("unreachable_step", here, sentence, _("Remove it, or move it before that step."))
            continue
        if step.if_ is not None and constant(step.if_) is False:
            fix = _("Correct the condition, or switch the step off.")
            yield error("unreachable_step", here, _("The step never runs: its condition never holds."), fix)
            continue
        yield from _inside(step, here)
        ended_by = step.title if ends_run(step) else ""


def _inside(step: BaseStep, path: str) -> Iterator[Finding]:
    for nest in nests_of(step):
        if nest.is_reachable:
            yield from _unreachable(nest.steps, join_path(path, nest.path))
        elif any(inner.enabled for inner in nest.steps):
            fix = _("Correct the conditions, or remove these steps.")
            place = join_path(path, nest.path, 0)
            yield error("unreachable_step", place, _("These steps never run: nothing leads to them."), fix)


def ends_run(step: BaseStep) -> bool:
    """Whether nothing after the step can run."""
    always = step.if_ is None or constant(step.if_) is True
    return step.enabled and always and kind_of(step).ends_run(step, _list_ends)


def _list_ends(steps: Sequence[BaseStep]) -> bool:
    return any(ends_run(step) for step in steps)
