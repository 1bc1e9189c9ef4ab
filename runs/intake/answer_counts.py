"""Counting webhook answers by status: in memory on the way, written every few seconds by a thread of the process.

A process that is killed loses the last seconds of its counts, never a delivery.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.db import Error, connections
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from runs.models import AnswerCount

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]

_counts: Counter[int] = Counter()
_lock = threading.Lock()
_writers: list[threading.Thread] = []


def counting_answers(view: View) -> View:
    """Count what the view answers; what it raises counts as 500 and is raised."""

    @wraps(view)
    def counted(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except BaseException:
            count(500)
            raise
        count(response.status_code)
        return response

    return counted


def count(code: int) -> None:
    """One answer; nothing is written here."""
    with _lock:
        _counts[code] += 1
        if not _writers and settings.ANSWERS_WRITTEN_EVERY:
            # The server forks what answers, so only a process that answers has the thread.
            _writers.append(threading.Thread(target=_keep_writing, name="answer-counts", daemon=True))
            _writers[0].start()


def write() -> None:
    """Add what was counted since the last time to the rows."""
    with _lock:
        taken = dict(_counts)
        _counts.clear()
    try:
        for code in list(taken):
            rows = AnswerCount.objects.filter(code=code)
            if not rows.exists():
                AnswerCount.objects.get_or_create(code=code)
            rows.update(answers=F("answers") + taken[code])
            del taken[code]
    finally:
        with _lock:
            _counts.update(taken)


def _keep_writing() -> None:
    waiting = threading.Event()
    while not waiting.wait(settings.ANSWERS_WRITTEN_EVERY):
        try:
            if _counts:
                write()
        except Error:
            logger.warning("How webhooks were answered could not be written; it is tried again.")
        finally:
            connections.close_all()
