"""What a request to an external system needs: its address and its credentials, opened at the last moment."""

import base64

from django.utils.translation import gettext as _

from workflows import secrets
from workflows.connections.usage import usable_in
from workflows.models import Connection, Scope
from workflows.steps.context import ConnectionAccess
from workflows.steps.errors import StepError

__all__ = ["ConnectionAccess", "access_for", "access_of", "secret_texts"]


def access_for(name: str, scope: Scope) -> ConnectionAccess:
    """The connection of that name as steps of a workflow in `scope` use it, credentials included.

    Raises a permanent StepError: `connection_missing` where none can be used from there, `connection_incomplete`
    without the secret it needs, `secret_unreadable` when the encryption keys were lost.
    """
    return access_of(_usable(name, scope))


def secret_texts(name: str, scope: Scope) -> tuple[str, ...]:
    """Every text that must not be shown or stored when this connection is used, for the redactor."""
    connection = _usable(name, scope)
    opened = _opened(connection)
    return (opened, *access_of(connection).headers.values()) if opened else ()


def access_of(connection: Connection) -> ConnectionAccess:
    """As `access_for`, for a connection at hand."""
    if not connection.is_complete:
        raise StepError(
            _("Connection %(name)s has no secret yet. Set it on the connections page.")
            % {"name": connection.name},
            code="connection_incomplete",
        )
    opened = _opened(connection)
    # The address of a chat webhook is its own credential, so it is kept as one.
    is_hidden = connection.kind == Connection.Kind.CHAT and opened
    address = opened if is_hidden else connection.base_url
    return ConnectionAccess(connection.name, connection.kind, address, _headers(connection, opened))


def _usable(name: str, scope: Scope) -> Connection:
    found = usable_in(scope).filter(name=name).first()
    if found is None:
        raise StepError(
            _("There is no connection %(name)s that this workflow may use.") % {"name": name},
            code="connection_missing",
        )
    return found


def _opened(connection: Connection) -> str:
    if not connection.secret:
        return ""
    try:
        return secrets.decrypt(connection.secret)
    except secrets.SecretUnreadable as lost:
        raise StepError(
            _("The secret of connection %(name)s cannot be read any more. Set it again.")
            % {"name": connection.name},
            code="secret_unreadable",
        ) from lost


def _headers(connection: Connection, secret: str) -> dict[str, str]:
    if connection.auth == Connection.Auth.BEARER:
        return {"Authorization": f"Bearer {secret}"}
    if connection.auth == Connection.Auth.BASIC:
        pair = base64.b64encode(f"{connection.username}:{secret}".encode()).decode("ascii")
        return {"Authorization": f"Basic {pair}"}
    if connection.auth == Connection.Auth.HEADER:
        return {connection.header_name: secret}
    return {}
