"""A workspace whose runs ended at chosen times, counted."""

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from config.ids import id_at
from runs.models import Run
from runs.monitoring.checking import rebuild
from tests.factories import make_run
from workflows.models import Workflow

PAGE = "/automations/monitoring/"
MINUTE = timedelta(minutes=1)
LINK = re.compile(r'<a\b[^>]*href="(/automations/runs/\?[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
ENDS = ("success", "success", "success", "failed", "cancelled", "skipped")


def ended(workflow: Workflow, at: datetime, status: str = "success", **changes: Any) -> Run:
    """A closed run that took from some milliseconds to some seconds."""
    took = timedelta(milliseconds=changes.pop("took", 240))
    skipped = {"started_at": None, "version": None, "reason": "overlap"} if status == "skipped" else {}
    fields = {
        "status": status,
        "received_at": at - took,
        "started_at": at - took,
        "ended_at": at,
        "due_at": None,
    }
    return make_run(workflow, id=id_at(at - took), **{**fields, **skipped, **changes})


def history(workflow: Workflow, count: int, *, every: timedelta = 7 * MINUTE) -> None:
    """So many runs of all outcomes, triggers and lengths, the newest just now; they are not counted yet."""
    now = timezone.now()
    for number in range(count):
        ended(
            workflow,
            now - number * every - timedelta(seconds=1),
            ENDS[number % len(ENDS)],
            trigger_kind=("manual", "webhook", "schedule")[number % 3],
            took=1 + 137 * number * number % 90_000,
        )


def counted() -> None:
    """Let the figures be those of the runs that there are."""
    rebuild()


def marks(page: str) -> Iterator[tuple[str, int]]:
    """Each link to runs with the number that it says, from whatever draws it."""
    for href, content in LINK.findall(page):
        text = re.sub(r"<[^>]+>", " ", html.unescape(content)).strip()
        found = re.match(r"[\d,]+", text)
        if found:
            yield html.unescape(href), int(found[0].replace(",", ""))
