"""One request on its way: what is asked of which URL, and what a redirect makes of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import httpx
from django.utils.translation import gettext as _

from workflows.outgoing.errors import OutgoingFailed
from workflows.outgoing.exchange import OutgoingRequest, OutgoingResponse, Query
from workflows.outgoing.targets import parse

MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ALWAYS_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
_SET_BY_CLIENT = frozenset(
    [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "upgrade",
        "te",
        "trailer",
        "expect",
        "proxy-connection",
    ]
)
_DEFAULTS = {"accept": "*/*", "accept-encoding": "gzip, deflate", "user-agent": "Signalbox"}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_METHOD = re.compile(r"[A-Z]{1,20}")


@dataclass(frozen=True)
class Hop:
    """One request of the exchange; header names are lower case."""

    method: str
    url: httpx.URL
    headers: dict[str, str]
    content: bytes | None
    credentials: frozenset[str]

    def redirected(self, response: OutgoingResponse) -> "Hop | None":
        """Where the answer leads, or None when it is no redirect.

        301 and 302 turn a POST into a GET, 303 everything but HEAD; 307 and 308 keep method and content.
        Raises EgressRefused when the new address is none that may be asked.
        """
        location = response.headers.get("location", "")
        if response.status not in _REDIRECTS or not location:
            return None
        url = parse(_joined(self.url, location))
        hop = replace(self, url=url) if _origin(url) == _origin(self.url) else self._without_credentials(url)
        if _becomes_get(self.method, response.status):
            kept = {name: value for name, value in hop.headers.items() if not name.startswith("content-")}
            return replace(hop, method="GET", content=None, headers=kept)
        return hop

    def _without_credentials(self, url: httpx.URL) -> "Hop":
        kept = {name: value for name, value in self.headers.items() if name not in self.credentials}
        return replace(self, url=url, headers=kept)


def first_hop(request: OutgoingRequest) -> Hop:
    """The request as given; raises OutgoingFailed `bad_request` or EgressRefused when it cannot be sent."""
    if not _METHOD.fullmatch(request.method) or request.method in ("CONNECT", "TRACE"):
        raise _bad(_("%(method)s is no method that can be used.") % {"method": repr(request.method[:20])})
    url = parse(request.url)
    if request.query:
        url = parse(_with_query(url, request.query))
    credentials = _ALWAYS_CREDENTIALS | {name.lower() for name in request.credential_headers}
    return Hop(request.method, url, _headers(request.headers), request.content, credentials)


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    headers = dict(_DEFAULTS)
    for name, value in given.items():
        if not _TOKEN.fullmatch(name):
            raise _bad(_("%(name)s is not a valid header name.") % {"name": repr(name[:50])})
        if name.lower() in _SET_BY_CLIENT:
            raise _bad(_("The header %(name)s is set by Signalbox. Remove it.") % {"name": name})
        if not _VALUE.fullmatch(value):
            raise _bad(
                _("The header %(name)s holds a line break or control character. Remove it.") % {"name": name}
            )
        headers[name.lower()] = value.strip()
    return headers


def _with_query(url: httpx.URL, query: Query) -> str:
    pairs = [(name, _text(item)) for name, value in query.items() for item in _items(value)]
    existing = url.query.decode("ascii")
    added = urlencode(pairs, errors="replace")
    return str(url.copy_with(query="&".join(part for part in (existing, added) if part).encode("ascii")))


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _joined(url: httpx.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except (httpx.InvalidURL, ValueError):
        return ""


def _origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    return url.scheme, url.raw_host, url.port


def _becomes_get(method: str, status: int) -> bool:
    return (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST")


def _bad(message: str) -> OutgoingFailed:
    return OutgoingFailed("bad_request", message, permanent=True)
