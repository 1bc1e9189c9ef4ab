"""Many writers at once: one chain, no forks, no holes."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from audit.models import AuditEvent
from audit.verify import verify
from tests.audit.events import make_event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

WRITERS, EACH = 8, 25


def test_eight_writers_make_one_chain(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(EACH):
                make_event(after={"n": number})
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    total = WRITERS * EACH
    assert failures == []
    assert list(AuditEvent.objects.order_by("id").values_list("id", flat=True)) == list(range(1, total + 1))
    assert AuditEvent.objects.values("previous_hash").distinct().count() == total
    assert (verify().ok, verify().events) == (True, total)
