"""What the ground below costs, measured in the same run: plain SQL, bare messages, a bare view."""

import json
import subprocess
import sys
import time
from pathlib import Path

import httpx

from bench.client import Order
from bench.costs import Meter
from bench.deployment import PATIENCE, ROOT, free_port
from bench.floor import Floor
from bench.plain_sql import plain_sql
from bench.sending import request, send
from bench.workload import Workload, body

MESSAGES = 3_000


def measured(workload: Workload, *, concurrency: list[int], seconds: float) -> dict[str, Floor]:
    """All floors by name: `sql`, `messages`, and `view 16` for the bare view at concurrency 16."""
    views = bare_view(concurrency, seconds=min(seconds, 2))
    return {"sql": plain_sql(workload, seconds=min(seconds, 3)), "messages": bare_messages(), **views}


def bare_messages() -> Floor:
    """Messages that do nothing, on the same broker, sent and taken in one process."""
    meter = Meter({})
    command = [sys.executable, str(ROOT / "bench" / "bare_messages.py"), str(MESSAGES)]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout)
    return Floor(told["rate"], told["cpu"] + meter.used().get("broker", 0) / MESSAGES)


def bare_view(concurrency: list[int], *, seconds: float) -> dict[str, Floor]:
    """The least Django under granian with the threads of `manage.py web`."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "8", "--backpressure", "64", "--log-level", "error"]
    server = subprocess.Popen([*command, "bench.bare_view:application"], cwd=ROOT)
    try:
        _wait_until_answered(port)
        text = request("/hooks/bare", body())
        orders = {count: Order(port, text, count, seconds=seconds) for count in concurrency}
        return {f"view {count}": _view(server.pid, order) for count, order in orders.items()}
    finally:
        server.terminate()
        server.wait(timeout=30)


def _view(pid: int, order: Order) -> Floor:
    meter = Meter({"view": pid})
    sent = send(order)
    count = sent.answers["202"]
    return Floor(count / (sent.last - sent.first), meter.used()["view"] / count)


def _wait_until_answered(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            httpx.post(f"http://127.0.0.1:{port}/hooks/bare", json={}, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.05)
            continue
        return
    raise TimeoutError("The bare view does not answer.")
