"""Health checks: one request to the connection's address, never inside a transaction."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from workflows.connections.credentials import access_of
from workflows.models import Connection
from workflows.outgoing import OutgoingFailed, OutgoingRequest, send
from workflows.secrets import Redactor
from workflows.steps.errors import StepError

SECONDS = 10.0
MOST_AT_ONCE = 8
MESSAGE_LENGTH = 300
REFUSES_CREDENTIALS = frozenset({401, 403, 407})


class ConnectionGone(Exception):
    """There is no such connection."""


@dataclass(frozen=True)
class Verdict:
    """What a check found. `status` is the HTTP status of the answer, None when there was none."""

    health: Connection.Health
    message: str
    status: int | None = None


def test(pk: int) -> Connection:
    """Ask the external system now and keep the result: Connection tested. Takes up to ten seconds.

    An HTTP connection is asked with its credentials; a chat webhook is only reached, nothing is posted to it.
    One that is marked as down stays so, whatever it answers. Raises ConnectionGone.
    """
    connection = find(pk)
    return keep(connection.pk, probe(connection))


def test_all(connections: Sequence[Connection]) -> list[Connection]:
    """`test` for several, asked at the same time."""
    if not connections:
        return []
    with ThreadPoolExecutor(max_workers=min(len(connections), MOST_AT_ONCE)) as pool:
        verdicts = list(pool.map(probe, connections))
    return [keep(c.pk, verdict) for c, verdict in zip(connections, verdicts, strict=True)]


def probe(connection: Connection) -> Verdict:
    """One request, no database: the verdict about what came back. Raises nothing."""
    try:
        access = access_of(connection)
    except StepError as incomplete:
        return Verdict(Connection.Health.FAILING, incomplete.message)
    is_chat = connection.kind == Connection.Kind.CHAT
    request = OutgoingRequest(
        method="HEAD" if is_chat else "GET",
        url=access.base_url,
        headers={"User-Agent": "Signalbox", **access.headers},
        timeout=SECONDS,
        credential_headers=frozenset(access.headers),
    )
    try:
        status = send(request).status
    except OutgoingFailed as failed:
        hidden = Redactor([access.base_url] if is_chat else [])
        return Verdict(Connection.Health.FAILING, hidden.redact_text(failed.message)[:MESSAGE_LENGTH])
    return _judged(status, is_chat=is_chat)


def _judged(status: int, *, is_chat: bool) -> Verdict:
    if status >= 500:
        return Verdict(
            Connection.Health.FAILING, _("Answered with an error (%(status)d).") % {"status": status}, status
        )
    if status in REFUSES_CREDENTIALS and not is_chat:
        text = _("Refused the credentials (%(status)d). Set the secret again.")
        return Verdict(Connection.Health.FAILING, text % {"status": status}, status)
    return Verdict(Connection.Health.OK, _("Answered with %(status)d.") % {"status": status}, status)


def keep(pk: int, verdict: Verdict) -> Connection:
    """Store a verdict with its event. Raises ConnectionGone when the connection was deleted meanwhile."""
    with change():
        connection = locked(pk)
        before = connection.health
        if before != Connection.Health.DOWN:
            connection.health = verdict.health
        connection.health_message, connection.tested_at = verdict.message, timezone.now()
        store_health(connection)
        record(
            AuditWord.CONNECTION_TESTED,
            subject_of(connection),
            before={"health": before},
            after={"health": connection.health, "answer": verdict.message, "status": verdict.status},
        )
    return connection


def store_health(connection: Connection) -> None:
    """Write the columns that history leaves out: a check is no change of the connection."""
    Connection.objects.filter(pk=connection.pk).update(
        health=connection.health,
        health_message=connection.health_message,
        tested_at=connection.tested_at,
        paused_for_outage=connection.paused_for_outage,
    )


def find(pk: int) -> Connection:
    """The connection, its scope loaded; raises ConnectionGone."""
    return _existing(Connection.objects.select_related("scope").filter(pk=pk).first())


def locked(pk: int) -> Connection:
    """The connection, its row locked until the transaction ends; raises ConnectionGone."""
    rows = Connection.objects.select_related("scope").select_for_update(of=("self",))
    return _existing(rows.filter(pk=pk).first())


def _existing(connection: Connection | None) -> Connection:
    if connection is None:
        raise ConnectionGone(_("There is no such connection."))
    return connection


def subject_of(connection: Connection) -> Subject:
    """The connection as the subject of an audit event."""
    return Subject("connection", str(connection.pk), connection.name, connection.scope_id)
