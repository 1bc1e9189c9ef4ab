"""Connections: created, changed, deleted, and given new secrets. Secrets go in and never come out.

Services give `(changed, connection)`; sent twice, the second answers `changed=False` and records nothing.
"""

from typing import Any

from django.utils.translation import gettext as _

from audit.chain import instant
from audit.models import AuditEvent
from audit.services import change, history_id, record
from audit.verbs import AuditWord
from workflows.connections import used_by
from workflows.connections.health import locked, subject_of
from workflows.lifecycle import Refusal, Stale
from workflows.models import Connection, Scope
from workflows.services.acting import differences
from workflows.services.connection_fields import move, put_address, put_credentials, replaced, same_secret
from workflows.services.connection_values import (
    Credentials,
    clean_credentials,
    clean_kind,
    clean_name,
)
from workflows.services.twins import once_more
from workflows.services.values import refuse


class ConnectionInUse(Refusal):
    """The connection cannot be deleted: workflows use it; one finding for each."""

    code = "in_use"


def create_connection(
    name: str,
    *,
    base_url: str,
    scope: Scope,
    kind: str = "",
    credentials: Credentials | None = None,
) -> tuple[bool, Connection]:
    """Create a connection in a scope, for its workflows and those below. Raises ValueRefused.

    The address of a chat webhook is a secret: it is kept encrypted, only its origin is shown. The secret of
    other connections may be given later, by `rotate_secret`.
    """
    connection = Connection(name=clean_name(name), kind=clean_kind(kind), scope=scope)
    put_address(connection, base_url)
    given = clean_credentials(credentials or Credentials())
    if connection.kind == Connection.Kind.CHAT and given.auth != Connection.Auth.NONE:
        raise refuse("auth", "auth_unused", _("A chat webhook authenticates by its address alone."))
    put_credentials(connection, given)
    return once_more(lambda: _create(connection))


def _create(connection: Connection) -> tuple[bool, Connection]:
    with change():
        found = Connection.objects.select_related("scope").filter(name=connection.name).first()
        if found is None:
            connection.save()
            links = {"connection": history_id(connection) or 0}
            record(
                AuditWord.CONNECTION_CREATED, subject_of(connection), after=facts(connection), history=links
            )
            return True, connection
    if facts(found) != facts(connection) or not same_secret(found, connection):
        raise refuse(
            "name",
            "name_taken",
            _("There is a connection named %(name)s already.") % {"name": connection.name},
            _("Choose another name, or change the connection that exists."),
        )
    return False, found


def change_connection(
    pk: int,
    *,
    base_url: str | None = None,
    credentials: Credentials | None = None,
    revision: int | None = None,
) -> tuple[bool, Connection]:
    """Change address or authentication; what is not given stays. Raises ConnectionGone, Stale, ValueRefused.

    An empty secret keeps the one that is set, as long as neither the kind of authentication nor the host
    changes: else somebody who may not read it could have it sent elsewhere. The next test starts anew.
    """
    with change():
        connection = locked(pk)
        before, sealed = facts(connection), connection.secret
        if base_url is not None and base_url.strip() != connection.base_url:
            move(connection, base_url, has_new_secret=bool(credentials and credentials.secret.strip()))
        if credentials is not None and connection.kind != Connection.Kind.CHAT:
            put_credentials(connection, clean_credentials(credentials))
        lost, gained = differences(before, facts(connection))
        is_rotated = connection.secret not in ("", sealed)
        if not lost and not gained and not is_rotated:
            return False, connection
        _require_revision(connection, revision)
        _save(connection)
        links = {"connection": history_id(connection) or 0}
        if lost or gained:
            record(
                AuditWord.CONNECTION_CHANGED, subject_of(connection), before=lost, after=gained, history=links
            )
        if is_rotated:
            record(AuditWord.SECRET_ROTATED, subject_of(connection), after=_since(connection), history=links)
    return True, connection


def rotate_secret(pk: int, secret: str, *, revision: int | None = None) -> tuple[bool, Connection]:
    """Replace the secret (a chat webhook's address); the same one again changes nothing.

    Raises ConnectionGone, Stale and ValueRefused. The old one is used no more from this moment.
    """
    with change():
        connection = locked(pk)
        before = Connection(secret=connection.secret)
        if not secret.strip():
            raise refuse("secret", "secret_missing", _("No secret was given."), _("Paste the new secret."))
        if connection.kind == Connection.Kind.CHAT:
            put_address(connection, secret)
        else:
            put_credentials(connection, clean_credentials(replaced(connection, secret)))
        if same_secret(before, connection):
            return False, connection
        _require_revision(connection, revision)
        _save(connection)
        links = {"connection": history_id(connection) or 0}
        record(AuditWord.SECRET_ROTATED, subject_of(connection), after=_since(connection), history=links)
    return True, connection


def delete_connection(pk: int, *, confirm: str, revision: int | None = None) -> None:
    """Delete for good; `confirm` is the name. Raises ConnectionInUse, which names the workflows.

    Also raises ConnectionGone, Stale, and ValueRefused for another name.
    """
    with change():
        connection = locked(pk)
        if confirm.strip() != connection.name:
            raise refuse(
                "confirm",
                "wrong_confirmation",
                _("This is not the connection's name."),
                _("Type %(name)s to delete it.") % {"name": connection.name},
            )
        _require_revision(connection, revision)
        _require_unused(connection)
        subject, before = subject_of(connection), facts(connection)
        connection.delete()
        newest = Connection.history.filter(id=pk).order_by("-history_id").first()
        links = {"connection": newest.history_id if newest else 0}
        record(AuditWord.CONNECTION_DELETED, subject, before=before, history=links)


def facts(connection: Connection) -> dict[str, Any]:
    """What audit events compare: everything but the secret, of which they say only whether it is set."""
    return {
        "name": connection.name,
        "kind": connection.kind,
        "scope": connection.scope.ref,
        "base_url": connection.base_url,
        "auth": connection.auth,
        "username": connection.username or None,
        "header_name": connection.header_name or None,
        "secret_set": bool(connection.secret),
    }


def _since(connection: Connection) -> dict[str, Any]:
    return {"secret_set_at": instant(connection.secret_set_at) if connection.secret_set_at else None}


def _save(connection: Connection) -> None:
    """Store under the next revision; what the last test said holds no more, unless it is marked as down."""
    connection.revision += 1
    if connection.health != Connection.Health.DOWN:
        connection.health, connection.health_message = Connection.Health.UNKNOWN, ""
        connection.tested_at = None
    connection.save()


def _require_revision(connection: Connection, revision: int | None) -> None:
    if revision is None or revision == connection.revision:
        return
    newest = AuditEvent.objects.filter(subject_kind="connection", subject_id=str(connection.pk)).first()
    what = f"{newest.event}, {newest.actor_label}, {instant(newest.time)}" if newest else ""
    raise Stale(
        _("The connection changed since you looked: %(what)s. Look at its present state and try again.")
        % {"what": what}
    )


def _require_unused(connection: Connection) -> None:
    users = used_by(connection)
    if not users:
        return
    raise ConnectionInUse(
        _("Connection %(name)s is used by %(names)s.")
        % {"name": connection.name, "names": ", ".join(workflow.name for workflow in users)},
        [
            {
                "level": "error",
                "code": "used_by_workflow",
                "path": f"workflows.{workflow.pk}",
                "message": _("%(name)s uses it.") % {"name": workflow.name},
                "fix": _("Take it out of the workflow's steps, or delete the workflow."),
            }
            for workflow in users
        ],
    )
