"""A run's steps on its time axis: the drawn twin of the list, one line a step, inside a table that says the same in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from config.web import time
from runs.models import AttemptStatus, Run, StepAttempt
from runs.timeline import Node, Timeline

WIDTH: Final = 1000
LEAST: Final = 4
"""Drawn width of what is shorter than one can see."""


@dataclass(frozen=True)
class Bar:
    """One attempt, or a wait after or within one. `kind`: ok, failed, open, other or wait."""

    left: int
    width: int
    kind: str


@dataclass(frozen=True)
class Line:
    """One step. `after`: how long after the run's start it began. `waited`: how long it waited for retries, delays and runs that it started, and what for."""

    node: Node
    bars: list[Bar]
    summary: str
    after: timedelta
    waited: timedelta | None
    why: str


@dataclass(frozen=True)
class Gantt:
    """The lines on an axis from the run's start to its end, or to now while it is open."""

    lines: list[Line]
    start: datetime
    end: datetime

    @property
    def span(self) -> timedelta:
        return self.end - self.start

    @property
    def ticks(self) -> list[tuple[int, str]]:
        """Places of the axis in per cent, and how long after the start they lie."""
        return [(part * 25, time.duration(self.span * part / 4)) for part in range(5)]


def gantt(run: Run, timeline: Timeline, now: datetime) -> Gantt | None:
    """The drawing; None before a step has begun."""
    nodes = [node for node in timeline.all() if node.attempts]
    if not nodes:
        return None
    begun = [node.attempts[0].started_at for node in nodes]
    start = min([run.started_at or begun[0], *begun])
    end = max(_end(attempt, run, now) for node in nodes for attempt in node.attempts)
    end = max(end, run.ended_at or now, start + timedelta(milliseconds=1))
    return Gantt([_line(node, run, now, start, end) for node in nodes], start, end)


def _end(attempt: StepAttempt, run: Run, now: datetime) -> datetime:
    """When an attempt ended; one without an end goes on, or ended with its run."""
    return attempt.ended_at or run.ended_at or now


def _line(node: Node, run: Run, now: datetime, start: datetime, end: datetime) -> Line:
    def bar(begin: datetime, until: datetime, kind: str) -> Bar:
        left = round((begin - start) / (end - start) * WIDTH)
        width = max(round((until - begin) / (end - start) * WIDTH), LEAST)
        return Bar(min(left, WIDTH - LEAST), min(width, WIDTH - left) or LEAST, kind)

    waits = list(_waits(node, run, now))
    bars = [bar(begin, until, "wait") for begin, until, _why in waits]
    bars += [
        bar(one.started_at, max(_end(one, run, now), one.started_at), _kind(one, run))
        for one in node.attempts
        if one.status != AttemptStatus.WAITING and not _is_delay(one)
    ]
    waited = sum((until - begin for begin, until, _why in waits), timedelta())
    whys = list(dict.fromkeys(why for _begin, _until, why in waits))
    return Line(
        node,
        bars,
        _summary(node, start),
        node.attempts[0].started_at - start,
        waited or None,
        ", ".join(whys),
    )


def _waits(node: Node, run: Run, now: datetime) -> Iterator[tuple[datetime, datetime, str]]:
    """From when until when it waited, and what for."""
    for place, one in enumerate(node.attempts):
        following = node.attempts[place + 1] if place + 1 < len(node.attempts) else None
        if one.status == AttemptStatus.WAITING or _is_delay(one):
            why = _("delay") if one.due_at else _("the run that it started")
            yield one.started_at, _end(one, run, now), why
        elif one.status == AttemptStatus.FAILED and not one.is_final and one.ended_at:
            until = following.started_at if following else run.ended_at or now
            yield one.ended_at, max(until, one.ended_at), _("retry")


def _is_delay(attempt: StepAttempt) -> bool:
    """Whether it has ended, and all that it did was to wait until a moment."""
    return attempt.status == AttemptStatus.SUCCESS and attempt.due_at is not None


def _kind(attempt: StepAttempt, run: Run) -> str:
    if attempt.status == AttemptStatus.STARTED:
        return "open" if run.is_open else "other"
    return {AttemptStatus.SUCCESS: "ok", AttemptStatus.FAILED: "failed"}.get(
        AttemptStatus(attempt.status), "other"
    )


def _summary(node: Node, start: datetime) -> str:
    begun = node.attempts[0].started_at - start
    words = {"at": time.duration(begun), "span": time.duration(node.duration) if node.duration else ""}
    if node.duration is None:
        return _("begins after %(at)s and is not over") % words
    return _("begins after %(at)s and takes %(span)s") % words
