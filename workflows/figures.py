"""How many runs workflows have, asked of the runs app for many workflows at once. Bound from there."""

from collections.abc import Callable, Collection, Mapping
from typing import TypedDict

from django.core.exceptions import ImproperlyConfigured


class Counts(TypedDict):
    """Of one workflow: all Held runs, those among them that have not started, and runs under way."""

    held: int
    held_triggers: int
    in_flight: int


NOTHING = Counts(held=0, held_triggers=0, in_flight=0)

CountsOf = Callable[[Collection[int]], Mapping[int, Counts]]

_bound: list[CountsOf] = []


def bind(counts_of: CountsOf) -> None:
    """Fill the register when the runs app is ready; a later call replaces the former (tests do)."""
    _bound[:] = [counts_of]


def counts(pks: Collection[int]) -> dict[int, Counts]:
    """The counts of each workflow asked for, in one query."""
    if not _bound:
        raise ImproperlyConfigured(
            "Nobody bound the figures of workflows; the runs app must call runs.figures.bind()."
        )
    found = _bound[0](pks) if pks else {}
    return {pk: found.get(pk, NOTHING) for pk in pks}
