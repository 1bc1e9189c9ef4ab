"""A lean HTTP client with connections that stay open: sends the same bytes on each as soon as it was answered.

Run as a process of its own it reads what to do as JSON on standard input and prints what came of it.
"""

import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

LENGTH, LAST_CHUNK = b"content-length:", b"0\r\n\r\n"
QUIET_SECONDS = 30.0


@dataclass
class Order:
    """What to send, to which port, over how many connections; until `seconds` are over or `count` were sent.

    `pause`: seconds that each connection waits between an answer and its next request.
    """

    port: int
    request: str
    connections: int = 1
    seconds: float = 3600.0
    count: int = 1_000_000_000
    pause: float = 0.0


@dataclass
class Outcome:
    """`first` and `last` are seconds since the epoch; `times` the seconds of every answer."""

    first: float = 0.0
    last: float = 0.0
    answers: dict[str, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)


class Line:
    """One connection and the answer that is coming in on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received, self.sent_at = b"", time.time()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Take what has come; raises ConnectionError when the server hung up."""
        part = self.socket.recv(65_536)
        if not part:
            raise ConnectionError("The server hung up.")
        self.received += part
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        _before, is_measured, after = head.lower().partition(LENGTH)
        if not is_measured:
            # Without a length the body comes in chunks, of which the last is empty.
            return body.endswith(LAST_CHUNK)
        return len(body) >= int(after.partition(b"\r\n")[0])

    @property
    def status(self) -> str:
        return self.received[9:12].decode("ascii")


class Client:
    """Keeps every connection busy until the order is done."""

    def __init__(self, order: Order) -> None:
        self.order, self.outcome = order, Outcome()
        self.request = order.request.encode("latin-1")
        self.selector = selectors.DefaultSelector()
        self.left = order.count
        self.busy = 0

    def run(self) -> Outcome:
        lines = [Line(self.order.port) for _ in range(self.order.connections)]
        for line in lines:
            self.selector.register(line.socket, selectors.EVENT_READ, line)
        self.outcome.first = time.time()
        self.end_at = time.monotonic() + self.order.seconds
        for line in lines:
            self._next(line)
        while self.busy:
            ready = self.selector.select(QUIET_SECONDS)
            if not ready:
                raise TimeoutError(f"No answer came for {QUIET_SECONDS:.0f} s.")
            for key, _event in ready:
                self._read(key.data)
        return self.outcome

    def close(self) -> None:
        """Hang up."""
        for key in list(self.selector.get_map().values()):
            key.data.socket.close()
        self.selector.close()

    def _next(self, line: Line) -> None:
        if self.left > 0 and time.monotonic() < self.end_at:
            self.left -= 1
            self.busy += 1
            line.send(self.request)

    def _read(self, line: Line) -> None:
        if not line.is_answered():
            return
        self.busy -= 1
        outcome = self.outcome
        outcome.last = time.time()
        outcome.times.append(outcome.last - line.sent_at)
        outcome.answers[line.status] = outcome.answers.get(line.status, 0) + 1
        if self.order.pause:
            time.sleep(self.order.pause)
        self._next(line)


def main() -> None:
    given: dict[str, Any] = json.load(sys.stdin)
    json.dump(vars(Client(Order(**given)).run()), sys.stdout)


if __name__ == "__main__":
    main()
