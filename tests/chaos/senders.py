"""Senders: they deliver webhooks and write down what they sent, before, and what they were answered, after."""

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT = 15.0
DELIVERY = "X-Delivery"


@dataclass(frozen=True)
class Answer:
    """What one request got; status 0 means that no answer came."""

    delivery: str
    status: int
    run: str = ""
    duplicate: bool = False
    sent_at: float = 0.0
    seconds: float = 0.0
    retry_after: str = ""

    @property
    def is_accepted(self) -> bool:
        return 200 <= self.status < 300


class Post:
    """One log of all senders of a rig; the oracle reads it."""

    def __init__(self, port: int, record: Path) -> None:
        self.port = port
        self._file = record.open("a")
        self._lock = threading.Lock()

    def name(self, prefix: str = "d") -> str:
        """A delivery id that nobody used."""
        return f"{prefix}-{uuid.uuid4().hex}"

    def deliver(
        self, path: str, delivery: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send one delivery, once."""
        content = json.dumps(body if body is not None else {"n": delivery}).encode()
        sent_at = time.time()
        self._note(what="sent", at=sent_at, path=path, delivery=delivery)
        given = {"Content-Type": "application/json", DELIVERY: delivery, **(headers or {})}
        answer = self._answered(path, delivery, content, given, sent_at)
        self._note(what="answered", at=time.time(), delivery=delivery, status=answer.status, run=answer.run,
                   duplicate=answer.duplicate)  # fmt: skip
        return answer

    def _answered(
        self, path: str, delivery: str, content: bytes, headers: dict[str, str], at: float
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request("POST", path, content, headers)
            response = connection.getresponse()
            text = response.read()
            run = str(json.loads(text).get("run", "")) if 200 <= response.status < 300 else ""
            duplicate = response.headers.get("Signalbox-Duplicate") == "true"
            retry_after = response.headers.get("Retry-After", "")
            return Answer(delivery, response.status, run, duplicate, at, time.time() - at, retry_after)
        except (OSError, http.client.HTTPException, ValueError):
            return Answer(delivery, 0, sent_at=at, seconds=time.time() - at)
        finally:
            connection.close()

    def foresee(self, path: str, delivery: str) -> None:
        """Write down what a run, and not a sender, will deliver."""
        self._note(what="sent", at=time.time(), path=path, delivery=delivery)

    def insist(self, path: str, delivery: str, tries: int = 100, pause: float = 0.1, **more: Any) -> Answer:
        """Send until it is accepted, under the same delivery id, as senders do; the last answer."""
        for _try in range(tries):
            answer = self.deliver(path, delivery, **more)
            if answer.is_accepted:
                return answer
            time.sleep(pause)
        return answer

    def _note(self, **line: object) -> None:
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()


def together(act: Callable[[str], Answer], deliveries: Iterable[str], senders: int = 8) -> list[Answer]:
    """Every delivery, by so many senders at once."""
    with ThreadPoolExecutor(senders) as pool:
        return list(pool.map(act, deliveries))


class Stream:
    """While inside, senders deliver without end, each with a breath in between; `answers` grows meanwhile."""

    def __init__(self, act: Callable[[], Answer], *, senders: int, breath: float) -> None:
        self.act, self.breath = act, breath
        self.answers: list[Answer] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(senders)]

    def _send(self) -> None:
        while not self._over.wait(self.breath):
            self.answers.append(self.act())

    def __enter__(self) -> "Stream":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def accepted(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.is_accepted]
