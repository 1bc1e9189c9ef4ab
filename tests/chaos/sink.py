"""The recording sink: an outside system that writes down each request before it answers, or does not answer.

What it does is said by the request's path: `/ok`, `/500`, `/429`, `/slow:1.5`, `/endless`, `/silence`, `/redirect`,
`/gate` (answers once `gate` is set),
`/mute` (takes the effect and closes without an answer), `/flaky` (500 to the first request of each key, then 200).
"""

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KEY = "Idempotency-Key"
ENDLESS = b"x" * 65536
LONGEST = 120.0


class Sink(ThreadingHTTPServer):
    """`requests()` gives what was recorded: `at`, `key`, `method`, `path`, `hash`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, record: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.record = record
        self.asked: Counter[str] = Counter()
        self.gate = threading.Event()
        self._file = record.open("a")
        self._lock = threading.Lock()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def url(self, path: str = "ok") -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def note(self, key: str, method: str, path: str, body: bytes) -> int:
        """Write it down; gives how often this key was seen, this time included."""
        line = {
            "at": time.time(),
            "key": key,
            "method": method,
            "path": path,
            "hash": hashlib.sha256(body).hexdigest(),
        }
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            self.asked[key] += 1
            return self.asked[key]

    def requests(self, runs: set[str] | None = None) -> list[dict[str, Any]]:
        """Everything recorded, or what came from these runs."""
        with self._lock:  # else the last line may be half written
            lines = self.record.read_text().splitlines()
        found = [json.loads(line) for line in lines]
        return [line for line in found if runs is None or line["key"].split(".")[0] in runs]

    def keys(self, runs: set[str]) -> Counter[str]:
        """How often each key was asked for by these runs."""
        return Counter(line["key"] for line in self.requests(runs))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that die in the middle are what this is for."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._file.close()


class Answer(BaseHTTPRequestHandler):
    server: Sink

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        what, _colon, amount = self.path.lstrip("/").partition("?")[0].partition(":")
        times = self.server.note(self.headers.get(KEY, ""), self.command, self.path, body)
        WAYS.get(what, Answer.plain)(self, amount, times)

    def plain(self, amount: str, times: int, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def slow(self, amount: str, times: int) -> None:
        time.sleep(float(amount or 1))
        self.plain(amount, times)

    def flaky(self, amount: str, times: int) -> None:
        self.plain(amount, times, 500 if times == 1 else 200)

    def dripping(self, amount: str, times: int) -> None:
        """One byte at a time, never done."""
        self._begin()
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            self.wfile.write(b"x")
            time.sleep(0.2)

    def endless(self, amount: str, times: int) -> None:
        """So many bytes as fast as they are taken; without a number, no end."""
        self._begin()
        left = int(float(amount)) if amount else 1 << 60
        while left > 0:
            self.wfile.write(ENDLESS[:left])
            left -= len(ENDLESS)

    def _begin(self) -> None:
        self.send_response(200)
        self.end_headers()

    def gate(self, amount: str, times: int) -> None:
        """Answers once the sink's gate is open."""
        self.server.gate.wait(LONGEST)
        self.plain(amount, times)

    def silence(self, amount: str, times: int) -> None:
        time.sleep(LONGEST)

    def mute(self, amount: str, times: int) -> None:
        self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


WAYS: dict[str, Callable[[Answer, str, int], None]] = {
    "500": lambda answer, amount, times: answer.plain(amount, times, 500),
    "503": lambda answer, amount, times: answer.plain(amount, times, 503, Retry_After=amount or "1"),
    "429": lambda answer, amount, times: answer.plain(amount, times, 429, Retry_After=amount or "1"),
    "redirect": lambda answer, amount, times: answer.plain(amount, times, 302, Location="/ok"),
    "slow": Answer.slow,
    "flaky": Answer.flaky,
    "dripping": Answer.dripping,
    "endless": Answer.endless,
    "gate": Answer.gate,
    "silence": Answer.silence,
    "mute": Answer.mute,
}
