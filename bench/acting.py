"""Runs that go alone: each sends one request to a server on loopback, which answers at once."""

import json
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench import session
from bench.deployment import Deployment
from bench.running import Loaded, loaded
from bench.stacks import Stack
from bench.workload import Workload


def run(stack: Stack, arguments: Namespace) -> None:
    """Measure per concurrency, print; the server's CPU time is the load generator's and not counted."""
    session.prepare()
    loads: dict[int, Loaded] = {}
    with answering() as port, Deployment(stack, workers=arguments.workers) as deployment:
        workload = Workload("Acting", steps_to(port))
        session.warm_up(deployment, workload)
        for connections in arguments.concurrency:
            loads[connections] = loaded(
                deployment, workload, connections=connections, seconds=arguments.seconds
            )
    for connections, load in loads.items():
        print(
            f"{stack.name}, one request a run, c{connections}: {load.rate:.0f} runs/s, {load.cpu:.2f} CPU-ms"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps({key: asdict(load) for key, load in loads.items()}, indent=1))


def steps_to(port: int) -> list[dict[str, Any]]:
    """One request, and a value of its answer."""
    ask = {"id": "ask", "kind": "http_request", "method": "GET", "url": f"http://127.0.0.1:{port}/"}
    return [ask, {"id": "keep", "kind": "set", "values": {"status": "{{ steps.ask.status }}"}}]


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *given: object) -> None:
        """Nothing: the requests are counted by their runs."""


@contextmanager
def answering() -> Iterator[int]:
    """A port that answers every request at once."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
