"""The JSON shape of connections. A secret never stands in it, only whether one is set."""

from collections.abc import Sequence
from typing import Any

from audit.chain import instant
from workflows.connections.usage import used_by_each
from workflows.models import Connection


def connection_documents(connections: Sequence[Connection]) -> list[dict[str, Any]]:
    """The shape of each; `used_by` names workflows, archived ones too."""
    users = used_by_each(connections)
    return [_document(connection, [w.name for w in users[connection.pk]]) for connection in connections]


def connection_document(connection: Connection) -> dict[str, Any]:
    """The shape of one."""
    return connection_documents([connection])[0]


def _document(connection: Connection, names: list[str]) -> dict[str, Any]:
    return {
        "id": connection.pk,
        "name": connection.name,
        "kind": connection.kind,
        "scope": connection.scope.ref,
        "base_url": connection.base_url,
        "auth": connection.auth,
        "username": connection.username or None,
        "header_name": connection.header_name or None,
        "secret_set": bool(connection.secret),
        "secret_set_at": instant(connection.secret_set_at) if connection.secret_set_at else None,
        "health": connection.health,
        "health_message": connection.health_message or None,
        "tested_at": instant(connection.tested_at) if connection.tested_at else None,
        "used_by": names,
        "revision": connection.revision,
    }
