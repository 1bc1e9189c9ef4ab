"""A run's steps as its page shows them: in the order of the definition, nested, each with its attempts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from runs.models import AttemptStatus, Run, RunStatus, StepAttempt
from runs.run_words import clock
from workflows.definition.models import Definition
from workflows.definition.walk import nests_of, places
from workflows.steps.base import BaseStep, Nest, kind_of, kinds

Text = str | Promise
Place = tuple[str, str]
Attempts = dict[Place, list[StepAttempt]]

# An attempt's status as the word of a badge; `started` is told apart by the run's own status.
_BADGES: Final[dict[str, str]] = {
    AttemptStatus.WAITING: "waiting",
    AttemptStatus.SUCCESS: "success",
    AttemptStatus.FAILED: "failed",
    AttemptStatus.SKIPPED: "skipped",
}


@dataclass(frozen=True)
class Group:
    """Steps inside a step: a branch, an item of a loop, what runs after a failure."""

    label: Text
    nodes: list["Node"]


@dataclass
class Node:
    """One step at one place: `item` is the path of loop positions, empty outside loops."""

    step_id: str
    item: str
    title: str
    label: Text
    icon: str
    words: str = ""
    note: Text = ""
    badge: str = ""
    wait: str = ""
    attempts: list[StepAttempt] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    @property
    def key(self) -> str:
        """A part of element ids."""
        return f"{self.step_id}-{self.item}".replace(".", "-").rstrip("-")

    @property
    def last(self) -> StepAttempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def started_at(self) -> datetime | None:
        return self.attempts[0].started_at if self.attempts else None

    @property
    def duration(self) -> timedelta | None:
        """From the first attempt's beginning to the last one's end."""
        if not self.attempts or self.attempts[-1].ended_at is None:
            return None
        return self.attempts[-1].ended_at - self.attempts[0].started_at

    @property
    def has_failed(self) -> bool:
        return self.badge == "failed"


class Timeline:
    """The nodes of one run. `attempts` may be a part of all; then steps without any are left out (`is_part`)."""

    def __init__(
        self,
        run: Run,
        definition: Definition | None,
        attempts: Sequence[StepAttempt],
        *,
        is_part: bool = False,
    ) -> None:
        self.run, self.is_part = run, is_part
        self._attempts: Attempts = {}
        self._touched: set[Place] = set()
        self._positions: dict[str, set[int]] = {}
        for attempt in attempts:
            self._attempts.setdefault((attempt.step_id, attempt.item), []).append(attempt)
            self._note_positions(attempt.step_id, attempt.item)
        self._drawn: set[Place] = set()
        self.nodes = self._list(definition.steps, "") if definition else []
        self.nodes += self._strays()

    def all(self) -> Iterator[Node]:
        """Every node, in reading order."""
        yield from _flat(self.nodes)

    def find(self, step_id: str, item: str) -> Node | None:
        """The node at a place; without an item the first one of the step."""
        fitting = [node for node in self.all() if node.step_id == step_id]
        return next((node for node in fitting if node.item == item), fitting[0] if fitting else None)

    @property
    def failure(self) -> Node | None:
        """The first failed step: the one that ended the run, where it is known."""
        failed = [node for node in self.all() if node.has_failed]
        ended = [node for node in failed if node.step_id == self.run.error_step]
        return next(iter(ended or failed), None)

    def _note_positions(self, step_id: str, item: str) -> None:
        outer = ""
        for position in filter(None, item.split(".")):
            self._positions.setdefault(outer, set()).add(int(position))
            outer = f"{outer}.{position}" if outer else position
            self._touched.add((step_id, outer))

    def _list(self, steps: Sequence[BaseStep], item: str) -> list[Node]:
        nodes = [self._node(step, item) for step in steps]
        return [node for node in nodes if node.attempts or node.groups] if self.is_part else nodes

    def _node(self, step: BaseStep, item: str) -> Node:
        place, kind = (step.id, item), kind_of(step)
        self._drawn.add(place)
        attempts = self._attempts.get(place, [])
        words = kind.describe(step)
        node = Node(step.id, item, step.title, kind.label, kind.icon, words, attempts=attempts)
        node.badge = self._badge(node)
        node.note = self._note(step, node)
        node.wait = self._wait(node, getattr(step, "tries", 1))
        node.groups = self._groups(step, node)
        return node

    def _groups(self, step: BaseStep, node: Node) -> list[Group]:
        groups = [group for nest in nests_of(step) for group in self._nest(nest, node)]
        if node.attempts or self.is_part or self._is_over:
            return [group for group in groups if any(inner.attempts for inner in _flat(group.nodes))]
        return [group for group in groups if group.nodes]

    def _nest(self, nest: Nest, node: Node) -> Iterator[Group]:
        items = self._begun_items(nest, node.item) if nest.repeated else []
        for item in items:
            number = int(item.rpartition(".")[2]) + 1
            yield Group(_("Item %(number)d") % {"number": number}, self._list(nest.steps, item))
        if not items:
            yield Group(nest.label, self._list(nest.steps, node.item))

    def _begun_items(self, nest: Nest, item: str) -> list[str]:
        """The loop's items that have an attempt of one of its steps, in order."""
        ids = [place.step.id for place in places(nest.steps)]
        inner = [f"{item}.{n}" if item else str(n) for n in sorted(self._positions.get(item, ()))]
        return [one for one in inner if any((step_id, one) in self._touched for step_id in ids)]

    @property
    def _is_over(self) -> bool:
        return not self.run.is_open

    def _badge(self, node: Node) -> str:
        last = node.last
        if last is None:
            return ""
        if last.status == AttemptStatus.FAILED and not last.is_final and self.run.is_open:
            return "waiting"
        if last.status != AttemptStatus.STARTED:
            return (
                "cancelled"
                if last.status == AttemptStatus.WAITING and self._is_over
                else _BADGES[last.status]
            )
        if self.run.status == RunStatus.NEEDS_DECISION:
            return "needs_decision"
        return "running" if self.run.is_open else "cancelled"

    def _note(self, step: BaseStep, node: Node) -> Text:
        last = node.last
        if last is None:
            if not step.enabled:
                return _("switched off")
            return _("not reached") if self._is_over else _("to come")
        if last.status == AttemptStatus.STARTED and self._is_over:
            return _("its end is not recorded")
        if (
            node.has_failed
            and self.run.error_step != node.step_id
            and getattr(step, "on_failure", "") != "stop"
        ):
            return _("the run goes on after this failure")
        return ""

    def _wait(self, node: Node, tries: int) -> str:
        last, run = node.last, self.run
        if last is None or node.badge != "waiting":
            return ""
        due = last.due_at or run.due_at
        if last.status == AttemptStatus.FAILED:
            numbers = {"n": last.number + 1, "tries": tries, "time": clock(due) if due else "—"}
            return _("retry %(n)d of %(tries)d at %(time)s") % numbers
        if last.due_at is None:
            return _("until the run that it started ends")
        return _("until %(time)s") % {"time": clock(last.due_at)}

    def _strays(self) -> list[Node]:
        """Attempts of steps that the definition cannot be read for."""
        nodes = []
        for (step_id, item), attempts in self._attempts.items():
            if (step_id, item) in self._drawn:
                continue
            kind = kinds().get(attempts[0].kind)
            label, icon = (kind.label, kind.icon) if kind else (attempts[0].kind, "circle")
            node = Node(step_id, item, step_id, label, icon, attempts=attempts)
            node.badge = self._badge(node)
            nodes.append(node)
        return nodes


def _flat(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        for group in node.groups:
            yield from _flat(group.nodes)
