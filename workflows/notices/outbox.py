"""Notices raised and closed: in the transaction of the change that they tell, never outside one.

The scheduler delivers them afterwards (workflows/notices/delivering.py).
"""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.services import plain
from config.clock import stamp
from workflows.models import Notice, NoticeDelivery, NoticeKind, Scope, Workflow
from workflows.notices.recipients import Target, resolved, targets
from workflows.texts import storable

TITLE_LENGTH: Final = 200
ERROR_LENGTH: Final = 500


def raise_(
    kind: NoticeKind,
    incident: str,
    *,
    workflow: Workflow,
    title: str,
    text: str,
    advice: str = "",
    path: str = "",
    facts: Mapping[str, Any] | None = None,
    is_over: bool = False,
) -> Notice | None:
    """Tell the workflow's recipients of an incident, once; None when it stands open already.

    `incident` is what it is deduplicated by ("finding:17") until `close()`; with `is_over` it is closed at once, for
    what has no duration. `title` is one line, `text` says what happened, `advice` what to do next; `path` is the page
    to open, the workflow's own by default. `facts` (plain values) is kept beside it. Writes one outbox row for each
    recipient in the caller's transaction; raises django.db.transaction.TransactionManagementError outside one.
    """
    chosen = partial(targets, workflow, kind)
    notice = _notice(kind, incident, workflow.scope_id, title, text, facts, is_over=is_over)
    notice.workflow, notice.advice = workflow, storable(advice)
    notice.path = path or f"/automations/workflows/{workflow.pk}/"
    return _put(notice, chosen)


def raise_for(
    recipients: Collection[str],
    kind: NoticeKind,
    incident: str,
    *,
    scope: Scope,
    title: str,
    text: str,
    path: str,
) -> Notice | None:
    """Tell just these recipients of something about a scope that has no duration; else as `raise_`."""
    notice = _notice(kind, incident, scope.pk, title, text, None, is_over=True)
    notice.path = path
    return _put(notice, partial(resolved, recipients, scope))


def _notice(
    kind: NoticeKind,
    incident: str,
    scope_id: int,
    title: str,
    text: str,
    facts: Mapping[str, Any] | None,
    *,
    is_over: bool,
) -> Notice:
    moment = stamp()
    return Notice(
        kind=kind,
        incident=incident,
        scope_id=scope_id,
        title=_one_line(title)[:TITLE_LENGTH],
        text=storable(text),
        facts=json.dumps(plain(dict(facts or {}))),
        raised_at=moment,
        closed_at=moment if is_over else None,
    )


def _put(notice: Notice, chosen: Callable[[], list[Target]]) -> Notice | None:
    """Store a notice and its deliveries, unless its incident stands open."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "A notice belongs into the transaction of what it tells."
        )
    if _open(notice.incident).exists():
        return None
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
    except IntegrityError:
        # Two at once: the other's stands.
        return None
    NoticeDelivery.objects.bulk_create(_delivery(notice, target) for target in chosen())
    return notice


def close(incident: str) -> bool:
    """The incident is over: the next one of this name is told anew. True when it stood open."""
    return bool(_open(incident).update(closed_at=stamp()))


def close_all(workflow: Workflow, kinds: Collection[NoticeKind]) -> int:
    """Close what stands open of these kinds about a workflow; gives how many."""
    standing = Notice.objects.filter(workflow=workflow, kind__in=kinds, closed_at=None)
    return standing.update(closed_at=stamp())


def next_digest(moment: datetime) -> datetime:
    """When the next daily message leaves: at the hour of settings.NOTICE_DIGEST_HOUR in the workspace's zone."""
    zone = ZoneInfo(settings.TIME_ZONE)
    today = moment.astimezone(zone).date()
    hour = time(settings.NOTICE_DIGEST_HOUR, tzinfo=zone)
    first = datetime.combine(today, hour)
    return first if first > moment else datetime.combine(today + timedelta(days=1), hour)


def forget_old() -> int:
    """Delete notices that were closed long ago, with their deliveries; gives how many rows went."""
    before = timezone.now() - timedelta(days=settings.NOTICE_DAYS)
    return Notice.objects.filter(closed_at__lt=before).delete()[0]


def _open(incident: str) -> Any:
    return Notice.objects.filter(incident=incident, closed_at=None)


def _delivery(notice: Notice, target: Target) -> NoticeDelivery:
    row = NoticeDelivery(
        notice=notice,
        channel=target.channel,
        recipient=target.recipient,
        named=target.named,
        in_digest=target.in_digest,
    )
    if target.problem:
        row.state, row.error = NoticeDelivery.State.FAILED, target.problem[:ERROR_LENGTH]
    else:
        row.due_at = next_digest(notice.raised_at) if target.in_digest else notice.raised_at
    return row


def _one_line(text: str) -> str:
    return " ".join(storable(text).split())
