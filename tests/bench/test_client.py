"""The load generator counts each answer once, however the server cuts it into pieces."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.client import Client, Order

REQUEST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def answering(*pieces: bytes) -> Iterator[int]:
    """A server of one connection that answers each request with the pieces, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _address = listener.accept()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with line:
                while line.recv(1000):
                    for piece in pieces:
                        line.sendall(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=10)


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\n\r\n{}{}",),
        (b"HTTP/1.1 202 Accepted\r\nContent-Len", b"gth: 4\r\n\r\n{", b"}{}"),
        (b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n", b"2\r\n{}\r\n", b"0\r\n\r\n"),
    ],
)
def test_client_counts_whole_answers(pieces: tuple[bytes, ...]) -> None:
    with answering(*pieces) as port:
        client = Client(Order(port, REQUEST, connections=1, count=20))
        outcome = client.run()
        client.close()

    assert outcome.answers == {"202": 20}
    assert len(outcome.times) == 20
    assert outcome.first <= outcome.last


def test_client_tells_other_answers_apart() -> None:
    with answering(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") as port:
        client = Client(Order(port, REQUEST, count=3))
        outcome = client.run()
        client.close()

    assert outcome.answers == {"503": 3}
