"""Notices and recipients as JSON documents."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audit.chain import instant
from workflows.models import Notice, NoticeDelivery, NoticeRecipient
from workflows.paging import CursorRefused, pack, unpack

Document = dict[str, Any]


def page(rows: QuerySet[Notice], *, limit: int, cursor: str) -> tuple[list[Notice], str | None]:
    """The notices behind the cursor, newest first, and the next cursor or None. 0 means all. Raises CursorRefused."""
    if cursor:
        try:
            rows = rows.filter(pk__lt=UUID(unpack(cursor, str)[0]))
        except ValueError:
            raise CursorRefused from None
    ordered = rows.order_by("-pk")
    found = list(ordered[: limit + 1] if limit else ordered)
    if not limit or len(found) <= limit:
        return found, None
    return found[:limit], pack(str(found[limit - 1].pk))


def notice_document(notice: Notice) -> Document:
    """A notice with its deliveries, which are loaded."""
    return {
        "id": str(notice.pk),
        "kind": notice.kind,
        "incident": notice.incident,
        "workflow": notice.workflow_id,
        "scope": notice.scope.ref,
        "title": notice.title,
        "text": notice.text,
        "advice": notice.advice,
        "path": notice.path,
        "raised_at": instant(notice.raised_at),
        "closed_at": instant(notice.closed_at) if notice.closed_at else None,
        "deliveries": [_delivery(row) for row in notice.deliveries.all()],
    }


def recipient_document(row: NoticeRecipient) -> Document:
    """A recipient of a scope; no kinds means all."""
    return {
        "id": row.pk,
        "recipient": row.recipient,
        "scope": row.scope.ref,
        "kinds": row.kinds,
        "digest": row.in_digest,
    }


def _delivery(row: NoticeDelivery) -> Document:
    return {
        "id": row.pk,
        "recipient": row.named,
        "channel": row.channel,
        "digest": row.in_digest,
        "state": row.state,
        "attempts": row.attempts,
        "due_at": instant(row.due_at) if row.due_at else None,
        "sent_at": instant(row.sent_at) if row.sent_at else None,
        "error": row.error or None,
    }
