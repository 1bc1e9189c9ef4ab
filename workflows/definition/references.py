"""Which names a template may use at a place of a definition."""

from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _

from workflows.definition.findings import Finding, error, join_path
from workflows.definition.templating import TemplateRefused, compile_text, strings_in
from workflows.definition.walk import Place

NAMES: Mapping[str, frozenset[str] | None] = {
    "trigger": frozenset({"kind", "id", "body", "data", "headers", "query", "received_at"}),
    "workflow": frozenset({"id", "name", "version"}),
    "run": frozenset({"id", "started_at"}),
    "scope": None,
}
"""The names that every step may use, with what stands below them where that is fixed."""

LENGTH = frozenset({"size"})


class Steps:
    """The steps of a definition, by id, for asking which of them a place may refer to."""

    def __init__(self, found: Iterable[Place]) -> None:
        self._order = list(found)
        self._numbers = {place.step.id: number for number, place in enumerate(self._order)}

    def problem(self, name: str, here: Place) -> str:
        """A sentence on why the step at `here` cannot refer to the step of that name, or nothing."""
        if name not in self._numbers:
            return _("There is no step “%(name)s”.") % {"name": name[:40]}
        there = self._order[self._numbers[name]]
        if self._numbers[here.step.id] <= self._numbers[name]:
            return _("The step “%(name)s” does not come before this one.") % {"name": name}
        if not is_enabled(there):
            return _("The step “%(name)s” is switched off.") % {"name": name}
        return _apart(there, here)


def is_enabled(place: Place) -> bool:
    """Whether the step and all around it are switched on."""
    return place.step.enabled and all(step.enabled for step, _nest in place.inside)


def _apart(there: Place, here: Place) -> str:
    """Whether lists that stand around the earlier step, but not around this one, keep its output from it."""
    around = [(step.id, nest.path) for step, nest in here.inside]
    for step, nest in there.inside:
        if (step.id, nest.path) in around:
            continue
        name = {"name": there.step.id, "loop": step.title}
        if nest.repeated:
            return (
                _("The step “%(name)s” has one output for each item of “%(loop)s”; use it inside that loop.")
                % name
            )
        if nest.exclusive and any(step.id == outer for outer, _path in around):
            return (
                _("The step “%(name)s” stands in another branch and does not run when this one does.") % name
            )
    return ""


def name_findings(path: str, value: object, here: Place | None, steps: Steps) -> Iterator[Finding]:
    """Templates in `value` that cannot be read, and names in them that are not there. Without a place: a trigger's."""
    for inner, text in strings_in(value):
        where = join_path(path, inner)
        try:
            names = sorted(compile_text(text).paths)
        except TemplateRefused as refused:
            yield error("template_refused", where, str(refused), _("Correct the template."))
            continue
        for name in names:
            if problem := _problem(name, here, steps):
                yield error("unknown_reference", where, problem, _("Use a name that is there by then."))


def _problem(name: tuple[str, ...], here: Place | None, steps: Steps) -> str:
    root, rest = name[0], name[1:]
    if root in NAMES and (here is not None or root == "trigger"):
        known = NAMES[root]
        if known is None or not rest or rest[0] in known | LENGTH:
            return ""
        return _("There is no “%(name)s”.") % {"name": ".".join(name[:2])[:100]}
    if root == "item" and here is not None:
        return "" if here.has_item else _("“item” is there only inside a loop.")
    if root == "steps" and here is not None:
        return steps.problem(rest[0], here) if rest else ""
    if here is None:
        return _("A trigger can use only “trigger”.")
    return _("There is no “%(name)s”; names begin with trigger, steps, item, workflow, run or scope.") % {
        "name": root[:40]
    }
