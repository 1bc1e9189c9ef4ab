"""A definition as a drawing: where each box, line and word stands. Templates draw it; the list of steps says the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflows.editing.tree import Node, every_node, steps_in, triggers_in

WIDTH: Final = 184
HEIGHT: Final = 44
EMPTY: Final = 88
ACROSS: Final = 20
DOWN: Final = 24
WORDS: Final = 22
MARGIN: Final = 12
LETTERS: Final = 20


@dataclass(frozen=True)
class Box:
    """One trigger or step; `x` and `y` are its upper corner."""

    x: int
    y: int
    node: Node
    title: str
    label: str | Promise

    @property
    def is_trigger(self) -> bool:
        return self.node.path.startswith("triggers.")


@dataclass(frozen=True)
class Word:
    """When a branch is taken, at the line that leads to it."""

    x: int
    y: int
    text: str


@dataclass
class Drawing:
    """Everything to draw, and a sentence that says what it shows."""

    width: int = 0
    height: int = 0
    boxes: list[Box] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    summary: str = ""


def drawing_of(document: dict[str, Any]) -> Drawing:
    """The drawing of a document: triggers above, then its steps from top to bottom, branches side by side."""
    triggers, steps = triggers_in(document), steps_in(document)
    across = max(_across(triggers), _width(steps))
    drawing = Drawing(width=across + 2 * MARGIN, summary=_summary(document))
    middle = drawing.width // 2
    top = MARGIN
    if triggers:
        top = _place_triggers(drawing, triggers, middle, top)
    bottom = _place_steps(drawing, steps, middle, top)
    drawing.height = max(bottom, top) + MARGIN
    return drawing


def _summary(document: dict[str, Any]) -> str:
    nodes = every_node(document)
    steps = sum(node.path.startswith("steps.") for node in nodes)
    triggers = len(nodes) - steps
    return _("%(triggers)s, %(steps)s.") % {
        "triggers": ngettext("%(n)d trigger", "%(n)d triggers", triggers) % {"n": triggers},
        "steps": ngettext("%(n)d step", "%(n)d steps", steps) % {"n": steps},
    }


def _across(nodes: Sequence[Node]) -> int:
    """The width of boxes side by side."""
    return len(nodes) * (WIDTH + ACROSS) - ACROSS if nodes else 0


def _width(nodes: Sequence[Node]) -> int:
    return max((_step_width(node) for node in nodes), default=EMPTY)


def _step_width(node: Node) -> int:
    inside = [_width(branch.nodes) for branch in node.branches]
    return max(WIDTH, sum(inside) + ACROSS * (len(inside) - 1)) if inside else WIDTH


def _place_triggers(drawing: Drawing, triggers: Sequence[Node], middle: int, top: int) -> int:
    x, joint = middle - _across(triggers) // 2, top + HEIGHT + DOWN // 2
    for node in triggers:
        _place_box(drawing, node, x, top)
        drawing.lines.append(f"M{x + WIDTH // 2} {top + HEIGHT}V{joint}H{middle}")
        x += WIDTH + ACROSS
    drawing.lines.append(f"M{middle} {joint}V{joint + DOWN // 2}")
    return joint + DOWN // 2


def _place_steps(drawing: Drawing, nodes: Sequence[Node], middle: int, top: int) -> int:
    """Place a list of steps below each other; gives where it ends."""
    for number, node in enumerate(nodes):
        if number:
            drawing.lines.append(f"M{middle} {top}v{DOWN}")
            top += DOWN
        _place_box(drawing, node, middle - WIDTH // 2, top)
        top += HEIGHT
        if node.branches:
            top = _place_branches(drawing, node, middle, top)
    return top


def _place_branches(drawing: Drawing, node: Node, middle: int, top: int) -> int:
    """Place what stands inside a step side by side, and join it again below."""
    inside = [_width(branch.nodes) for branch in node.branches]
    x, start, ends = middle - (sum(inside) + ACROSS * (len(inside) - 1)) // 2, top + DOWN // 2, []
    for branch, across in zip(node.branches, inside, strict=True):
        center = x + across // 2
        drawing.lines.append(f"M{middle} {top}V{start}H{center}v{WORDS + DOWN // 2}")
        drawing.words.append(Word(center, start + WORDS - 6, _short(branch.label, across // 8)))
        ends.append((center, _place_steps(drawing, branch.nodes, center, start + WORDS + DOWN // 2)))
        x += across + ACROSS
    joint = max(end for _center, end in ends) + DOWN // 2
    drawing.lines += [f"M{center} {end}V{joint}H{middle}" for center, end in ends]
    return joint


def _place_box(drawing: Drawing, node: Node, x: int, y: int) -> None:
    drawing.boxes.append(Box(x, y, node, _short(node.title, LETTERS), node.label))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
