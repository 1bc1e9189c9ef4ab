"""The library: the kinds of step or trigger that can be added, as they describe themselves."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from workflows.editing.growing import TRIGGERS
from workflows.steps.base import StepKind
from workflows.steps.base import kinds as step_kinds
from workflows.triggers.base import TriggerKind
from workflows.triggers.base import kinds as trigger_kinds


@dataclass(frozen=True)
class Kind:
    """One entry. `acts_outside` is said, since such steps are simulated in tests."""

    kind: str
    label: str | Promise
    summary: str | Promise
    icon: str
    acts_outside: bool


def library(path: str, search: str = "") -> list[Kind]:
    """What may stand at a path, by label; of these, what has every word of the search in its words."""
    known: Iterable[StepKind | TriggerKind] = (
        trigger_kinds().values() if path.partition(".")[0] == TRIGGERS else step_kinds().values()
    )
    found = [
        Kind(one.kind, one.label, one.summary, one.icon, getattr(one, "acts_outside", False)) for one in known
    ]
    words = search.casefold().split()
    fitting = [one for one in found if all(word in _words(one) for word in words)]
    return sorted(fitting, key=lambda one: str(one.label))


def _words(one: Kind) -> str:
    return f"{one.label} {one.summary} {one.kind}".casefold()
