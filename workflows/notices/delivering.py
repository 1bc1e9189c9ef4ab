"""The way of notices to their recipients: what is due goes out as parcels, each tried until it is taken.

A parcel is put together and kept before it is sent, so that a repeat is the same message under the same Message-ID
and Idempotency-Key. Any number of processes may deliver; whoever takes a parcel has it for a while.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from config.clock import stamp
from config.failpoints import failpoint
from config.ids import new_id
from workflows.connections.credentials import access_of
from workflows.models import Channel, Connection, NoticeDelivery
from workflows.notices.message import message_for
from workflows.notices.outbox import ERROR_LENGTH
from workflows.outgoing import OutgoingFailed, send
from workflows.outgoing.chat import chat_request
from workflows.outgoing.mail import send_email
from workflows.secrets import Redactor
from workflows.steps.errors import StepError
from workflows.steps.http_answer import Expected, read_answer

logger = logging.getLogger(__name__)

State = NoticeDelivery.State

AT_ONCE: Final = 20
GATHERED: Final = 500
IN_A_PARCEL: Final = 50
TAKEN_FOR: Final = timedelta(minutes=5)
TRIES: Final = 10
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=4)
SECONDS: Final = 20.0


def deliver_due() -> int:
    """One round: gather what is due into parcels and send some; gives how many parcels were settled or tried.

    Takes as long as mail servers and chats do, so it has a thread of its own.
    """
    _gather()
    due = NoticeDelivery.objects.filter(
        state=State.PENDING, due_at__lte=stamp(), parcel__isnull=False
    ).order_by("due_at")
    parcels = list(dict.fromkeys(due.values_list("parcel", flat=True)[:GATHERED]))[:AT_ONCE]
    return sum(_deliver(parcel) for parcel in parcels if parcel)


def _gather() -> None:
    """Put what is due and in no parcel yet into parcels, one for each recipient and rhythm."""
    due = NoticeDelivery.objects.filter(state=State.PENDING, due_at__lte=stamp(), parcel=None)
    if not due.exists():
        return
    with transaction.atomic():
        rows = due.order_by("pk")
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True)
        together: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
        for row in rows[:GATHERED]:
            together[row.channel, row.recipient.casefold(), row.in_digest].append(row.pk)
        for keys in together.values():
            for start in range(0, len(keys), IN_A_PARCEL):
                chunk = keys[start : start + IN_A_PARCEL]
                NoticeDelivery.objects.filter(pk__in=chunk).update(parcel=new_id())


def _deliver(parcel: UUID) -> int:
    moment = stamp()
    waiting = NoticeDelivery.objects.filter(parcel=parcel, state=State.PENDING)
    taken = waiting.filter(due_at__lte=moment)
    if not taken.update(due_at=moment + TAKEN_FOR, attempts=F("attempts") + 1):
        return 0
    rows = list(waiting.select_related("notice__scope").order_by("notice_id"))
    if not rows:
        return 0
    try:
        _send(parcel, rows)
    except (OutgoingFailed, StepError) as failed:
        _put_off(rows, failed.message, is_final=failed.permanent)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever one message does, the others must leave
        logger.exception("Notices could not be sent to %s.", rows[0].named)
        _put_off(rows, _("An unforeseen error; the log has it."), is_final=False)
    else:
        failpoint("K9")
        _mark(rows, state=State.SENT, sent_at=stamp(), due_at=None, error="")
    return 1


def _send(parcel: UUID, rows: Sequence[NoticeDelivery]) -> None:
    message, key = message_for(rows), f"notice.{parcel}"
    if rows[0].channel == Channel.EMAIL:
        send_email(
            to=[rows[0].recipient], subject=message.subject, text=message.text, key=key, timeout=SECONDS
        )
    else:
        _post(rows[0].recipient, message.text, key)


def _post(name: str, text: str, key: str) -> None:
    chat = Connection.objects.filter(name=name, kind=Connection.Kind.CHAT).first()
    if chat is None:
        raise StepError(_("There is no chat connection %(name)s any more.") % {"name": name}, permanent=True)
    access = access_of(chat)
    request = chat_request(
        access.base_url,
        text,
        kind=access.kind,
        key=key,
        headers=access.headers,
        timeout=SECONDS,
        is_quiet=True,
    )
    try:
        read_answer(send(request), Expected(["200-299"]))
    except OutgoingFailed as failed:
        # The address of a chat webhook is its secret.
        hidden = Redactor([access.base_url]).redact_text(failed.message)
        raise StepError(hidden, permanent=failed.permanent, code=failed.code) from None


def _put_off(rows: Sequence[NoticeDelivery], why: str, *, is_final: bool) -> None:
    """Try again later, each time twice as late; after the last try, or where no try can help, it has failed."""
    attempts = max(row.attempts for row in rows)
    if is_final or attempts >= TRIES:
        _mark(rows, state=State.FAILED, due_at=None, error=why[:ERROR_LENGTH])
    else:
        _mark(rows, due_at=stamp() + wait_after(attempts), error=why[:ERROR_LENGTH])


def wait_after(attempts: int) -> timedelta:
    """How long after a failed try the next one follows."""
    return min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)


def _mark(rows: Sequence[NoticeDelivery], **values: object) -> None:
    """Record what became of a try, unless another process has taken the parcel over meanwhile."""
    attempts = rows[0].attempts
    same = NoticeDelivery.objects.filter(
        pk__in=[row.pk for row in rows], state=State.PENDING, attempts=attempts
    )
    same.update(**values)
