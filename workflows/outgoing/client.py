"""The one client for requests to the outside; see reliability.md, rule 16."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from ssl import SSLContext

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from workflows.outgoing.content import read_content
from workflows.outgoing.deadline import Deadline
from workflows.outgoing.errors import DeadlineReached, OutgoingFailed
from workflows.outgoing.exchange import OutgoingRequest, OutgoingResponse
from workflows.outgoing.hops import MOST_REDIRECTS, Hop, first_hop
from workflows.outgoing.network import CheckedNetwork, Wire
from workflows.outgoing.slots import HostSlots

_slots = HostSlots()


def send(request: OutgoingRequest) -> OutgoingResponse:
    """Sends the request and gives the answer, of whatever status, before `request.timeout` seconds are over.

    Raises EgressRefused for an address that may not be reached, HostBusy when too many requests to its host hang
    already, and OutgoingFailed for everything else that keeps an answer from coming. Never repeats by itself, so one call is at most one request per hop: each hop gets a
    connection of its own, since a kept one may turn out dead only after the request was written, and then nobody
    knows whether it arrived. Safe to call from many threads.
    """
    hop = first_hop(request)
    wire = Wire(Deadline(request.timeout))
    with _explained(wire):
        return _followed(hop, wire, limit=request.follow_redirects)


def is_stuck(host: str) -> bool:
    """Whether a request to this host would end as HostBusy now."""
    return _slots.is_stuck(host, limit=settings.OUTGOING_HOST_SLOTS)


def _followed(hop: Hop, wire: Wire, *, limit: int) -> OutgoingResponse:
    for _count in range(min(limit, MOST_REDIRECTS) + 1):
        response = _exchange(hop, wire)
        following = hop.redirected(response) if limit > 0 else None
        if following is None:
            return response
        hop = following
    raise OutgoingFailed(
        "too_many_redirects",
        _("The answer was one redirect more than are followed. Use the address it leads to."),
        permanent=True,
    )


def _exchange(hop: Hop, wire: Wire) -> OutgoingResponse:
    wire.enter(hop.url.raw_host.decode("ascii"))
    with (
        _slots.held(
            wire.host, limit=settings.OUTGOING_HOST_SLOTS, deadline=wire.deadline, may_refuse=not wire.sent
        ),
        closing(_connection(hop, wire)) as connection,
    ):
        response = connection.handle_request(_prepared(hop))
        with closing(response):
            return _received(hop, response)


def _connection(hop: Hop, wire: Wire) -> httpcore.HTTPConnection:
    secured = _tls() if hop.url.scheme == "https" else None
    return httpcore.HTTPConnection(
        _target(hop).origin, ssl_context=secured, network_backend=CheckedNetwork(wire)
    )


def _target(hop: Hop) -> httpcore.URL:
    # From the parts: parsed a second time, by other rules, a URL could name another host than the checked one.
    url = hop.url
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


@cache
def _tls() -> SSLContext:
    return httpx.create_ssl_context()


def _prepared(hop: Hop) -> httpcore.Request:
    headers = [("Host", hop.url.netloc.decode("ascii")), *hop.headers.items(), ("Connection", "close")]
    if hop.content is not None or hop.method in ("POST", "PUT", "PATCH"):
        headers.append(("Content-Length", str(len(hop.content or b""))))
    return httpcore.Request(
        hop.method,
        _target(hop),
        headers=[(name.encode("ascii"), value.encode("utf-8", "replace")) for name, value in headers],
        content=hop.content or b"",
    )


def _received(hop: Hop, response: httpcore.Response) -> OutgoingResponse:
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("utf-8", "backslashreplace")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    content, cut = read_content(
        response.iter_stream(),
        encoding=headers.get("content-encoding", ""),
        limit=settings.OUTGOING_BODY_LIMIT,
    )
    return OutgoingResponse(response.status, headers, content, cut, str(hop.url))


@contextmanager
def _explained(wire: Wire) -> Iterator[None]:
    """Turns what the layers below raise into OutgoingFailed, with `sent` as the sockets saw it."""
    try:
        yield
    except DeadlineReached:
        message = _("%(host)s gave no complete answer within %(seconds)g seconds.")
        raise OutgoingFailed(
            "timed_out", message % {"host": wire.host, "seconds": wire.deadline.seconds}, sent=wire.sent
        ) from None
    except httpcore.LocalProtocolError as wrong:
        message = _("The request to %(host)s cannot be written as HTTP: %(detail)s.")
        raise OutgoingFailed(
            "bad_request", message % {"host": wire.host, "detail": wrong}, permanent=True, sent=wire.sent
        ) from None
    except httpcore.RemoteProtocolError as wrong:
        raise _broken_off(wire, wrong) from None
    except httpcore.NetworkError as lost:
        message = _("The connection to %(host)s broke off.")
        raise OutgoingFailed("connection_lost", message % {"host": wire.host}, sent=wire.sent) from lost
    except OutgoingFailed as failure:
        failure.sent = failure.sent or wire.sent
        raise


def _broken_off(wire: Wire, wrong: Exception) -> OutgoingFailed:
    if not wire.received:
        message = _("%(host)s closed the connection without an answer.")
        return OutgoingFailed("connection_lost", message % {"host": wire.host}, sent=wire.sent)
    message = _("The answer of %(host)s is not valid HTTP: %(detail)s.")
    return OutgoingFailed("protocol_error", message % {"host": wire.host, "detail": wrong}, sent=wire.sent)
