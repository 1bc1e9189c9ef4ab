"""What the sample workflows talk to: a CRM and a shop on one loopback port, served by the workers of `manage.py up`.

The shop answers 503 in every seventh minute, so that one sample fails now and then.
"""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ADDRESS = "127.0.0.1"
LONGEST_BODY = 64 * 1024


class Handler(BaseHTTPRequestHandler):
    """POST /crm/leads and GET /shop/orders; anything else is 404."""

    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, LONGEST_BODY))
        if self.path != "/crm/leads" or length > LONGEST_BODY:
            self._answer(404, {"error": "not found"})
            return
        key = self.headers.get("Idempotency-Key", "")
        self._answer(201, {"lead": f"lead-{key[:8]}", "bytes": len(body)})

    def do_GET(self) -> None:
        minute = self._minute()
        if self.path == "/shop/orders" and minute % 7 == 0:
            self._answer(503, {"error": "the shop is busy"})
        elif self.path == "/shop/orders":
            self._answer(200, {"orders": minute % 5, "minute": minute})
        else:
            self._answer(200 if self.path in ("/crm", "/shop") else 404, {"path": self.path})

    def _minute(self) -> int:
        """The minute in which the asking run was made: the key begins with its id, a UUID of version 7."""
        digits = self.headers.get("Idempotency-Key", "").replace("-", "")[:12]
        try:
            return int(digits, 16) // 60_000
        except ValueError:
            return int(time.time() // 60)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the runs tell what was asked."""


def listen(port: int) -> socket.socket:
    """A listening socket on the port if it is free, else on another; processes forked later share it."""
    try:
        return socket.create_server((ADDRESS, port))
    except OSError:
        return socket.create_server((ADDRESS, 0))


def serve(listening: socket.socket) -> None:
    """Answer in a thread of this process, beside others that were given the same socket."""
    server = ThreadingHTTPServer((ADDRESS, 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_address = listening.getsockname()
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="sample-endpoint", daemon=True).start()
