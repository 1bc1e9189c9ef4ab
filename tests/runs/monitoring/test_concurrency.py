"""Many close runs while others fold, rebuild and read: no figure is ever wrong, and none ever falls."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest
from django.utils import timezone

from runs import services
from runs.models import CLOSED, Run
from runs.monitoring import checking, figures
from runs.monitoring.folding import fold
from runs.monitoring.windows import Window
from tests.runs.engine.crowd import eventually, sender, working
from tests.runs.engine.driving import workflow_of
from workflows.lifecycle import Refusal
from workflows.models import Workflow
from workflows.services import status

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

SET = {"id": "one", "kind": "set", "values": {"x": "1"}}
MAIL = {"id": "mail", "kind": "send_email", "to": "a@example.test", "subject": "s", "text": "t"}
WORTH = {"id": "worth", "kind": "record_value", "name": "lead", "value": "0.1", "unit": "AUD"}
NAP = {"id": "nap", "kind": "delay", "for": "PT5H"}
BREATH = 0.05


def now_and_then(act: Callable[[], object], breath: float = BREATH) -> Callable[[], None]:
    def once() -> None:
        act()
        time.sleep(breath)

    return once


def end_one(choice: random.Random) -> Callable[[], None]:
    """Cancel or kill one of those that are open."""

    def once() -> None:
        ids = list(Run.objects.open().values_list("pk", flat=True)[:20])
        with suppress(Refusal, services.RunGone):
            if ids:
                choice.choice([services.cancel, services.kill])(choice.choice(ids))
        time.sleep(BREATH)

    return once


def pause_and_resume(workflow: Workflow) -> Callable[[], None]:
    def once() -> None:
        with suppress(Refusal):
            status.pause(workflow.pk, reason="testing", in_flight="cancel", triggers="skip")
            time.sleep(BREATH)
            status.resume(workflow.pk, held="discard")
        time.sleep(4 * BREATH)

    return once


def closed_runs() -> int:
    return Run.objects.filter(status__in=CLOSED).count()


def test_figures_stay_exact_and_never_fall() -> None:
    instant, acting, waiting = workflow_of(SET), workflow_of(MAIL, WORTH), workflow_of(NAP)
    window = Window.of("6h", timezone.now())
    seen: list[int] = []
    verified: list[bool] = []
    acts = [
        sender(instant), sender(acting), sender(waiting), end_one(random.Random(3)), pause_and_resume(waiting),
        now_and_then(fold), now_and_then(checking.rebuild, 10 * BREATH),
        now_and_then(lambda: seen.append(figures.totals(window).total)),
        now_and_then(lambda: verified.append(checking.verify().is_exact), 4 * BREATH),
    ]  # fmt: skip

    with working(*acts, workers=4):
        assert eventually(lambda: len(verified) >= 10 and len(seen) >= 20 and closed_runs() >= 40)

    closed = closed_runs()
    assert all(verified)
    assert all(before <= after for before, after in pairwise(seen))
    assert figures.totals(window).total == closed
    while fold():
        pass
    assert figures.totals(window).total == closed
    assert checking.verify().differences == []
