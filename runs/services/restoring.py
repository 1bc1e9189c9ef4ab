"""Restored copies: marked so that nothing starts, and confirmed by somebody who knows that the original is gone."""

import time
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from audit import anchors
from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.engine import heartbeat
from runs.models import Heartbeat, Restoration, Run, RunStatus, Schedule
from workflows.lifecycle import Refusal
from workflows.models import Status, Workflow

SUBJECT = Subject("installation", "", "Signalbox")
BEATS_AGAIN_WITHIN = heartbeat.EVERY + 2


class StillAtWork(Refusal):
    """Processes work on this database: it cannot be marked under them."""

    code = "still_at_work"


@dataclass(frozen=True)
class Restored:
    """Whether a call changed anything; the newest restoration, None where there never was one."""

    changed: bool
    restoration: Restoration | None


def require_nobody_at_work() -> None:
    """Raises StillAtWork. A copy brings the heartbeats of the original along: whoever lives writes them again."""
    if not _beating():
        return
    Heartbeat.objects.all().delete()
    time.sleep(BEATS_AGAIN_WITHIN)
    living = _beating()
    if living:
        raise StillAtWork(
            _("%(names)s work on this database. Stop every process first.") % {"names": ", ".join(living)}
        )


def _beating() -> list[str]:
    fresh = Heartbeat.objects.filter(beat_at__gt=stamp() - heartbeat.ALIVE)
    return list(fresh.order_by("name").values_list("name", flat=True))


def mark() -> Restored:
    """Say that this database is a copy: nothing starts until `confirm()`. Raises StillAtWork."""
    standing = _unconfirmed()
    if standing is not None:
        return Restored(False, standing)
    require_nobody_at_work()
    with change():
        made = Restoration.objects.create(marked_at=stamp())
        record(AuditWord.COPY_RESTORED, SUBJECT, after=figures())
    return Restored(True, made)


def confirm() -> Restored:
    """Let everything go on where the copy was taken; also sets anchors of the audit chain aside that reach beyond it."""
    if _unconfirmed() is None:
        return Restored(False, Restoration.objects.order_by("pk").last())
    with change():
        newest = _unconfirmed()
        moment = stamp()
        Restoration.objects.filter(confirmed_at=None).update(confirmed_at=moment)
        beyond = anchors.set_aside_beyond_end()
        after: dict[str, Any] = figures()
        if newest is not None and newest.copied_at:
            after["copied_at"] = newest.copied_at
        if beyond:
            after["anchors_set_aside_to"] = beyond
        record(AuditWord.COPY_CONFIRMED, SUBJECT, after=after)
    return Restored(True, Restoration.objects.order_by("pk").last())


def _unconfirmed() -> Restoration | None:
    return Restoration.objects.filter(confirmed_at=None).order_by("pk").last()


def figures() -> dict[str, int]:
    """What would go on: workflows that are Active, open runs by status, schedules that are due."""
    by_status = {
        str(status): Count("pk", filter=Q(status=status))
        for status in (RunStatus.PENDING, RunStatus.RUNNING, RunStatus.WAITING, RunStatus.HELD)
    }
    return {
        "active": Workflow.objects.standing().filter(status=Status.ACTIVE).count(),
        **Run.objects.open().aggregate(**by_status),
        "schedules_due": Schedule.objects.filter(is_armed=True, set_aside="", next_at__lte=stamp()).count(),
    }
