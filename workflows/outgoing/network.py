"""The sockets below an exchange: they connect only to a checked address and stop at its deadline."""

import select
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
from django.utils.translation import gettext as _

from config.failpoints import failpoint
from workflows.outgoing.deadline import Deadline
from workflows.outgoing.errors import DeadlineReached, OutgoingFailed
from workflows.outgoing.lookup import addresses
from workflows.outgoing.targets import require_allowed

ADDRESSES_TRIED = 4


class Wire:
    """The state of one exchange that its sockets share."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.host = ""
        self.sent = False
        self.received = False

    def enter(self, host: str) -> None:
        """The exchange now turns to this host; `sent` stays true once anything was sent to an earlier one."""
        self.host = host
        self.received = False


class CheckedNetwork(httpcore.NetworkBackend):
    """Looks a name up once, refuses unless every address of it is allowed, connects to one of exactly those."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        found = addresses(host, self._wire.deadline)
        for address in found:
            require_allowed(host, address, port)
        return BoundedStream(self._connect(host, found[:ADDRESSES_TRIED], port), self._wire)

    def _connect(self, host: str, found: list[str], port: int) -> socket.socket:
        for left in range(len(found), 0, -1):
            # A share of the time each: a first address that swallows packets must leave time for the next.
            share = self._wire.deadline.remaining() / left
            try:
                connected = socket.create_connection((found[-left], port), timeout=share)
            except OSError:
                continue
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connected
        self._wire.deadline.remaining()
        raise OutgoingFailed(
            "connect_failed",
            _("%(host)s, port %(port)d, takes no connection.") % {"host": host, "port": port},
        )


class BoundedStream(httpcore.NetworkStream):
    """One connection whose every wait ends with the exchange's deadline, whatever timeout it is asked with."""

    def __init__(self, connected: socket.socket, wire: Wire) -> None:
        self._socket = connected
        self._wire = wire

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._wire.sent and not self._wire.received:
            failpoint("K8")
        self._socket.settimeout(self._wire.deadline.remaining())
        try:
            data = self._socket.recv(max_bytes)
        except TimeoutError:
            raise DeadlineReached from None
        except OSError as lost:
            raise httpcore.ReadError(str(lost)) from lost
        self._wire.received = self._wire.received or bool(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        while view:
            self._socket.settimeout(self._wire.deadline.remaining())
            self._wire.sent = True
            try:
                view = view[self._socket.send(view) :]
            except TimeoutError:
                raise DeadlineReached from None
            except OSError as lost:
                raise httpcore.WriteError(str(lost)) from lost

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._socket.settimeout(self._wire.deadline.remaining())
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except TimeoutError:
            self.close()
            raise DeadlineReached from None
        except ssl.SSLCertVerificationError as wrong:
            self.close()
            raise self._insecure(wrong.verify_message) from None
        except (OSError, ValueError) as wrong:
            self.close()
            raise self._insecure(getattr(wrong, "reason", None) or type(wrong).__name__) from None
        return BoundedStream(secured, self._wire)

    def get_extra_info(self, info: str) -> Any:
        if info == "socket":
            return self._socket
        if info == "is_readable":
            waiting = select.poll()
            waiting.register(self._socket, select.POLLIN)
            return bool(waiting.poll(0))
        return None

    def _insecure(self, detail: str) -> OutgoingFailed:
        return OutgoingFailed(
            "tls_failed",
            _("No secure connection to %(host)s: %(detail)s.") % {"host": self._wire.host, "detail": detail},
        )
