"""R53: one sender delivers far more than it may, and a paused workflow holds all that it may."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.conf import settings

from config.clock import stamp
from config.ids import new_id
from runs.models import Run, RunStatus
from tests.chaos.matrix import Outcome, row
from tests.chaos.processes import answers_at, eventually
from tests.chaos.rig import Flow, Rig
from tests.chaos.senders import Answer, Post, Stream, together
from tests.chaos.steps import KEEP
from tests.journeys.processes import ROOT, free_port
from workflows import services
from workflows.models import Workflow

HOLD = timedelta(days=7)
PER_MINUTE = 60
TIMES = 10


@row("R53", "Rate limits are fair and say when",
     fault="a sender at ten times its rate, to two web processes; a paused workflow holding its 10,000, hooks at 16 senders",
     first=1, full=20)  # fmt: skip
def floods_are_refused(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the slowest answer to others")
    other = rig.flow("R53 other", KEEP)
    with limited_web(rig) as post:
        for _trial in range(trials):
            problems, slowest = _tenfold(rig, post)
            held, slowest_beside_hold = _full_hold(rig, other)
            outcome.add(1, problems + held, max(slowest, slowest_beside_hold))
    outcome.failures += rig.breaches()
    return outcome


@contextmanager
def limited_web(rig: Rig) -> Iterator[Post]:
    """Another web server of two processes, at which each webhook takes so many deliveries a minute."""
    port = free_port()
    given = {**os.environ, **rig.given, "SIGNALBOX_DELIVERIES_PER_MINUTE": str(PER_MINUTE)}
    command = [sys.executable, "manage.py", "web", "--port", str(port), "--processes", "2"]
    with rig.processes.log.open("ab") as log:
        web = subprocess.Popen(command, cwd=ROOT, env=given, stdout=log, stderr=log)
    post = Post(port, rig.folder / "senders.jsonl")
    try:
        eventually(partial(answers_at, port), 60)
        yield post
    finally:
        post.close()
        web.terminate()
        web.wait(30)


def _tenfold(rig: Rig, post: Post) -> tuple[list[str], float]:
    """A minute's worth goes in at once, then what the clock pays off; all else is told when to come again."""
    busy, other = rig.flow("R53 busy", KEEP), rig.flow("R53 beside", KEEP)
    names = [post.name() for _ in range(PER_MINUTE * TIMES)]
    beside = Stream(lambda: post.deliver(other.path, post.name()), senders=1, breath=0.2)
    begun = time.monotonic()
    with beside:
        answers = together(partial(post.deliver, busy.path), names, 8)
        seconds = time.monotonic() - begun
    slowest = max(answer.seconds for answer in beside.answers)
    return _beyond(answers, seconds) + _not_taken(beside.answers), slowest


def _beyond(answers: list[Answer], seconds: float) -> list[str]:
    accepted = sum(answer.is_accepted for answer in answers)
    # Two processes that count at the same instant may let one more through, each time that happens.
    most = PER_MINUTE + seconds * PER_MINUTE / 60 + PER_MINUTE * 0.1
    problems = [f"{accepted} of {len(answers)} were taken"] if not PER_MINUTE <= accepted <= most else []
    refused = [answer for answer in answers if not answer.is_accepted]
    problems += [f"beyond its rate it was answered {a.status}" for a in refused if a.status != 429]
    return problems + ["a 429 does not say when" for a in refused if a.status == 429 and not a.retry_after]


def _full_hold(rig: Rig, other: Flow) -> tuple[list[str], float]:
    flow = rig.flow("R53", KEEP)
    services.pause(flow.pk, reason="chaos", triggers="hold")
    _fill(flow, settings.HOLD_LIMIT)
    names = [rig.post.name() for _ in range(50)]
    answers = together(partial(rig.post.deliver, flow.path), names, 16)
    others = [rig.send(other) for _ in range(10)]
    services.stop(flow.pk, reason="chaos")
    problems = [f"a hook beyond the cap was answered {a.status}" for a in answers if a.status != 429]
    return problems + _not_taken(others), max(answer.seconds for answer in others)


def _not_taken(others: list[Answer]) -> list[str]:
    return [f"another workflow's hook was answered {a.status}" for a in others if a.status != 202]


def _fill(flow: Flow, count: int) -> None:
    """Held triggers by plain insertion: as testers of the cap, not as deliveries that were sent."""
    workflow, moment = Workflow.objects.get(pk=flow.pk), stamp()
    held = (
        Run(id=new_id(), workflow=workflow, scope_id=workflow.scope_id, status=RunStatus.HELD, reason="paused",
            trigger_kind="event", is_test=False, received_at=moment, held_at=moment,
            held_until=moment + HOLD, replay_of=None)
        for _ in range(count)
    )  # fmt: skip
    Run.objects.bulk_create(held, batch_size=1000)
