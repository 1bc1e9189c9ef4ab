"""A sink that answers as badly as a test asks, and names that lead where a test says."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest

from workflows.outgoing import OutgoingFailed, OutgoingRequest, send

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Answer = Callable[["Sink", socket.socket, bytes], None]


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")


def redirect(location: str, status: str = "302 Found") -> bytes:
    return head(f"Location: {location}", "Content-Length: 0", status=status)


def failure(request: OutgoingRequest) -> OutgoingFailed:
    with pytest.raises(OutgoingFailed) as failed:
        send(request)
    return failed.value


def lines_of(request: bytes) -> list[str]:
    return request.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")


class Sink:
    """Listens on loopback, keeps every request, and lets `answer` do with the connection what it likes."""

    def __init__(self, answer: Answer, secured: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.contacts = 0
        self.closing = threading.Event()
        self._answer, self._secured = answer, secured
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def close(self) -> None:
        self.closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            self.contacts += 1
            self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(5)
                with self._wrapped(connection) as stream:
                    self._exchange(stream)
            except OSError:
                return

    def _wrapped(self, connection: socket.socket) -> socket.socket:
        return self._secured.wrap_socket(connection, server_side=True) if self._secured else connection

    def _exchange(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request and (data := connection.recv(65536)):
            request += data
        headers, _, body = request.partition(b"\r\n\r\n")
        length = next(
            (
                int(line[15:])
                for line in headers.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        while len(body) < length and (data := connection.recv(65536)):
            body += data
        self.requests.append(headers + b"\r\n\r\n" + body)
        self._answer(self, connection, self.requests[-1])


@pytest.fixture
def sink() -> Iterator[Callable[..., Sink]]:
    """Makes sinks: `sink(b"…")` answers with these bytes, `sink(function)` lets the function act."""
    made: list[Sink] = []

    def make(answer: bytes | Answer = OK, secured: ssl.SSLContext | None = None) -> Sink:
        act = answer if callable(answer) else lambda _sink, connection, _request: connection.sendall(answer)
        made.append(Sink(act, secured))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def loopback_allowed(settings) -> None:
    settings.EGRESS_ALLOW = [ip_network("127.0.0.1/32")]


@pytest.fixture
def names(monkeypatch) -> dict[str, list[str]]:
    """Host names and the addresses they lead to; every other name is unknown."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def look_up(host, port, *args, flags=0, **kwargs):
        if flags & socket.AI_NUMERICHOST or host not in known:
            return real(host, port, *args, flags=flags | socket.AI_NUMERICHOST, **kwargs)
        return [entry for address in known[host] for entry in real(address, port, *args, flags=0, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known
