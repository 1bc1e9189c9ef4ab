"""Given values of a connection made clean, or refused with one finding per field."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from workflows.models import Connection
from workflows.outgoing import EgressRefused, check_url
from workflows.services.values import clean_choice, refuse

LONGEST_SECRET = 4000
DEFAULT_HEADER = "X-API-Key"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OWN_HEADERS = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "idempotency-key",
        "upgrade",
        "te",
        "content-type",
    }
)


@dataclass(frozen=True)
class Credentials:
    """How a connection authenticates. `secret` is clear text and leaves this process only encrypted."""

    auth: str = Connection.Auth.NONE
    username: str = ""
    header_name: str = ""
    secret: str = field(default="", repr=False)


def clean_name(name: str) -> str:
    """The name that definitions use; raises ValueRefused."""
    if not _NAME.fullmatch(name.strip()):
        raise refuse(
            "name",
            "name_form",
            _("A connection's name has 1 to 60 letters, digits, dots, - or _, and no blanks."),
            _("Choose a short name such as crm: steps refer to it."),
        )
    return name.strip()


def clean_kind(kind: str) -> str:
    """One of the kinds; raises ValueRefused."""
    return clean_choice("kind", kind, tuple(Connection.Kind.values)) or Connection.Kind.HTTP


def clean_address(base_url: str, *, is_chat: bool) -> str:
    """An address that requests may go to; raises ValueRefused. Only a chat webhook's may have a query."""
    address = base_url.strip()
    try:
        check_url(address)
    except EgressRefused as refused:
        raise refuse("base_url", "address_refused", refused.message) from refused
    if len(address) > 500 or not address.isprintable() or " " in address:
        raise refuse(
            "base_url", "address_form", _("The address is too long, or holds blanks or control characters.")
        )
    if not is_chat and ("?" in address or "#" in address):
        raise refuse(
            "base_url",
            "address_form",
            _("The base address holds a query or a fragment."),
            _("Give the address without ? and #; steps add path and query."),
        )
    return address


def origin_of(address: str) -> str:
    """Scheme, host and port: all that is shown of a chat webhook, whose path is a secret."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/"


def clean_credentials(given: Credentials) -> Credentials:
    """Credentials that can be sent; raises ValueRefused.

    A secret may bring its companion: `user:password` for basic, `Header-Name: value` for an own header.
    """
    auth = clean_choice("auth", given.auth, tuple(Connection.Auth.values)) or Connection.Auth.NONE
    secret = _clean_secret(given.secret)
    if auth == Connection.Auth.NONE:
        if secret:
            raise refuse("secret", "secret_unused", _("Without authentication, a secret is of no use."),
                         _("Choose how the connection authenticates."))  # fmt: skip
        return Credentials()
    if auth == Connection.Auth.BASIC:
        return _basic(given.username.strip(), secret)
    if auth == Connection.Auth.HEADER:
        return _own_header(given.header_name.strip(), secret)
    return Credentials(auth, secret=secret)


def _basic(username: str, secret: str) -> Credentials:
    if not username and ":" in secret:
        username, _colon, secret = secret.partition(":")
    if not username or ":" in username or not username.isprintable() or len(username) > 200:
        raise refuse(
            "username",
            "username_form",
            _("User and password need a user name of at most 200 characters without a colon."),
            _("Give the user name, or a secret written as user:password."),
        )
    return Credentials(Connection.Auth.BASIC, username=username, secret=secret)


def _own_header(name: str, secret: str) -> Credentials:
    before, colon, after = secret.partition(":")
    if not name and colon and _HEADER.fullmatch(before):
        name, secret = before, after.strip()
    name = name or DEFAULT_HEADER
    if not _HEADER.fullmatch(name) or name.lower() in _OWN_HEADERS:
        raise refuse(
            "header_name",
            "header_form",
            _("%(name)s cannot be set as a header.") % {"name": name[:100]},
            _("Give the name of the header that the service expects, such as X-API-Key."),
        )
    return Credentials(Connection.Auth.HEADER, header_name=name, secret=secret)


def _clean_secret(secret: str) -> str:
    """Trimmed, since files end with a line break. Anything that cannot stand in a header is refused."""
    text = secret.strip()
    if len(text) > LONGEST_SECRET or not text.isprintable() or not text.isascii():
        raise refuse(
            "secret",
            "secret_form",
            _("A secret has at most %(most)d characters of plain ASCII, in one line.")
            % {"most": LONGEST_SECRET},
            _("Check that the whole secret and nothing else was given."),
        )
    return text
