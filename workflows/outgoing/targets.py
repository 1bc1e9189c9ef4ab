"""Reading a URL once, for the check and for the connection alike."""

import re
import socket
from ipaddress import ip_address

import httpx
from django.utils.translation import gettext as _

from workflows.outgoing.addresses import is_allowed, is_sample_endpoint
from workflows.outgoing.errors import EgressRefused

LONGEST_URL = 8000
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?\.?")
_LOOPBACK_NAMES = ("localhost", "localhost.localdomain")


def parse(url: str) -> httpx.URL:
    """The URL, normalised and without fragment; raises EgressRefused unless it is http or https to a plain host without user and password.

    Looks nothing up: what the name leads to is checked when connecting.
    """
    if len(url) > LONGEST_URL:
        raise EgressRefused(_("The address is longer than 8,000 characters. Use a shorter one."))
    try:
        target = httpx.URL(url).copy_with(fragment=None)
        host = target.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        raise EgressRefused(
            _("The address is not a valid URL. Write it like https://example.com/path.")
        ) from None
    if target.scheme not in ("http", "https"):
        raise EgressRefused(_("Only http and https addresses may be requested. Begin it with https://."))
    if target.userinfo:
        raise EgressRefused(
            _("The address holds a user name or password. Keep those in a connection and remove them here.")
        )
    if not _is_host(host):
        raise EgressRefused(_("The address names no valid host. Write it like https://example.com/path."))
    if target.port is not None and not 1 <= target.port <= 65535:
        raise EgressRefused(_("A port lies between 1 and 65535. Use the one that the service listens on."))
    return target


def check_url(url: str) -> None:
    """For forms: raises EgressRefused where the address can be seen to be refused without looking its name up."""
    target = parse(url)
    host = target.raw_host.decode("ascii").rstrip(".")
    if host in _LOOPBACK_NAMES or host.endswith(".localhost"):
        host = "127.0.0.1"
    for address in literal_addresses(host):
        require_allowed(host, address, target.port)


def require_allowed(host: str, address: str, port: int | None) -> None:
    """Raises EgressRefused unless the address that the host stands for may be reached.

    The sentence does not name the address: it would tell what names mean inside this network.
    """
    if not is_allowed(address) and not is_sample_endpoint(address, port):
        raise EgressRefused(
            _(
                "%(host)s is not a public address. "
                "Ask an administrator to allow its network (SIGNALBOX_EGRESS_ALLOW)."
            )
            % {"host": host}
        )


def literal_addresses(host: str) -> list[str]:
    """The address that the host spells out, in any notation the system takes (2130706433, 0x7f.1, ::1); else none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]


def _is_host(host: str) -> bool:
    if ":" not in host:
        return _NAME.fullmatch(host) is not None
    try:
        # A zone id ("%eth0") would choose an interface of this machine.
        return "%" not in host and ip_address(host).version == 6
    except ValueError:
        return False
