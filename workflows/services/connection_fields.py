"""Putting address and credentials into a connection; saving is the caller's business."""

from django.utils import timezone
from django.utils.translation import gettext as _

from workflows import secrets
from workflows.models import Connection
from workflows.services.connection_values import Credentials, clean_address, origin_of
from workflows.services.values import refuse


def put_address(connection: Connection, base_url: str) -> None:
    """Set the address; a chat webhook's is sealed and only its origin stays to be seen. Raises ValueRefused."""
    is_chat = connection.kind == Connection.Kind.CHAT
    address = clean_address(base_url, is_chat=is_chat)
    connection.base_url = origin_of(address) if is_chat else address
    if is_chat:
        _seal(connection, address)


def move(connection: Connection, base_url: str, *, has_new_secret: bool) -> None:
    """Set another address; raises ValueRefused when a stored secret would follow it to another host."""
    host = origin_of(connection.base_url)
    put_address(connection, base_url)
    is_elsewhere = connection.kind != Connection.Kind.CHAT and origin_of(connection.base_url) != host
    if is_elsewhere and connection.secret and not has_new_secret:
        raise refuse(
            "secret",
            "secret_needed",
            _("The address leads to another host, so the secret is not kept."),
            _("Give the secret for the new host."),
        )


def put_credentials(connection: Connection, given: Credentials) -> None:
    """Set how it authenticates. Another way of doing so forgets the secret; no new secret keeps the old one."""
    if given.auth != connection.auth and connection.kind != Connection.Kind.CHAT:
        connection.secret, connection.secret_set_at = "", None
    connection.auth = given.auth
    connection.username, connection.header_name = given.username, given.header_name
    if given.secret:
        _seal(connection, given.secret)


def replaced(connection: Connection, secret: str) -> Credentials:
    """The present credentials with another secret; raises ValueRefused where there is none to replace."""
    if connection.auth == Connection.Auth.NONE:
        raise refuse(
            "secret",
            "secret_unused",
            _("Connection %(name)s does not authenticate.") % {"name": connection.name},
            _("Choose first how it authenticates."),
        )
    return Credentials(connection.auth, connection.username, connection.header_name, secret)


def _seal(connection: Connection, secret: str) -> None:
    """Keep the secret encrypted; the same one again is left as it is sealed."""
    if connection.secret and _opens_to(connection, secret):
        return
    connection.secret, connection.secret_set_at = secrets.encrypt(secret), timezone.now()


def _opens_to(connection: Connection, secret: str) -> bool:
    try:
        return secrets.decrypt(connection.secret) == secret
    except secrets.SecretUnreadable:
        return False


def same_secret(one: Connection, other: Connection) -> bool:
    """Whether both hold the same clear text, or both none."""
    if not one.secret or not other.secret:
        return one.secret == other.secret
    return one.secret == other.secret or _opens_to(one, secrets.decrypt(other.secret))
