"""The outside system of bench/figures.py: `/success` is answered with 200, `/failed` with 500."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(500 if self.path.endswith("/failed") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the session has its own words."""


@contextmanager
def target() -> Iterator[tuple[str, threading.Thread]]:
    """Its address, and the thread that answers, which is to be started once all processes are forked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    try:
        yield f"http://127.0.0.1:{server.server_port}/", thread
    finally:
        if thread.is_alive():
            server.shutdown()
        server.server_close()
