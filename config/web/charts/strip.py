"""Small drawings made on the server: figures here, SVG in templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Mark = Literal["ok", "failed", "open", "other"]

BAR, GAP, HEIGHT = 3, 1, 18
# Position tells marks apart, not colour alone: failures fill the height, the others do not.
SHAPES: dict[Mark, tuple[int, int]] = {"ok": (6, 12), "failed": (0, 18), "open": (12, 6), "other": (15, 3)}


@dataclass(frozen=True)
class Strip:
    """A row of bars, oldest first. `paths` holds one path of an SVG for each kind of mark, so nodes stay few."""

    paths: list[tuple[Mark, str]]
    width: int
    height: int
    summary: str


def strip(marks: Sequence[Mark], *, slots: int = 30) -> Strip:
    """The last runs as bars, newest at the end; fewer marks than slots leave the beginning empty."""
    shown = list(marks)[-slots:]
    start = slots - len(shown)
    paths = [(kind, _path(kind, shown, start)) for kind in SHAPES if kind in shown]
    return Strip(paths, slots * (BAR + GAP) - GAP, HEIGHT, summary(shown))


def summary(marks: Sequence[Mark]) -> str:
    """ "28 ok, 2 failed": the strip in words."""
    if not marks:
        return _("No runs yet")
    words = [ngettext("%(n)d ok", "%(n)d ok", marks.count("ok")) % {"n": marks.count("ok")}]
    if failed := marks.count("failed"):
        words.append(ngettext("%(n)d failed", "%(n)d failed", failed) % {"n": failed})
    if running := marks.count("open"):
        words.append(ngettext("%(n)d open", "%(n)d open", running) % {"n": running})
    if other := marks.count("other"):
        words.append(ngettext("%(n)d other", "%(n)d other", other) % {"n": other})
    return ", ".join(words)


def _path(kind: Mark, marks: Sequence[Mark], start: int) -> str:
    top, height = SHAPES[kind]
    lefts = [(start + index) * (BAR + GAP) for index, mark in enumerate(marks) if mark == kind]
    return "".join(f"M{left} {top}h{BAR}v{height}h-{BAR}z" for left in lefts)
