"""The scaled deployment on PostgreSQL with Redis or RabbitMQ: real processes, a kill in the middle, a pause, an end."""

import ipaddress
import json
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest

from tests.journeys.processes import Fleet
from tests.workflows.sink import Sink, serving

DATABASE, BROKER = os.environ.get("DATABASE_URL", ""), os.environ.get("BROKER_URL", "")

pytestmark = [
    pytest.mark.journey,
    pytest.mark.stack,
    pytest.mark.skipif(
        not (DATABASE.startswith("postgres") and BROKER.startswith(("redis", "amqp"))),
        reason="needs DATABASE_URL of PostgreSQL and BROKER_URL of Redis or RabbitMQ",
    ),
]

TRIGGERS, SENDERS, PAUSES = 100, 4, 3


class SlowSink(Sink):
    """Long enough an answer that a worker is killed in the middle of some."""

    def finish_request(self, request: Any, client_address: Any) -> None:
        time.sleep(0.05)
        super().finish_request(request, client_address)


@pytest.fixture
def database() -> Iterator[str]:
    """A database of this test's own, dropped at the end."""
    name = f"signalbox_scale_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(DATABASE)
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def fleet(tmp_path: Path, database: str) -> Iterator[Fleet]:
    made = Fleet(tmp_path, database, BROKER, SIGNALBOX_EGRESS_ALLOW=str(ipaddress.ip_network("127.0.0.1/32")))
    made.manage("migrate")
    yield made
    made.end()


def started(fleet: Fleet, target: Sink) -> str:
    """The hook's address of a workflow that runs."""
    document = {
        "format": "signalbox/1",
        "name": "Counter",
        "triggers": [{"id": "hook", "kind": "webhook", "dedupe": "header:X-Delivery"}],
        "steps": [
            {"id": "first", "kind": "set", "values": {"n": "{{ trigger.body.n }}"}},
            {"id": "ask", "kind": "http_request", "method": "GET", "url": target.url},
        ],
    }
    path = fleet.data / "counter.json"
    path.write_text(json.dumps(document))
    fleet.manage("workflows", "import", str(path))
    fleet.manage("workflows", "run", "Counter", "--accept-warnings")
    shown = json.loads(fleet.manage("workflows", "show", "Counter", "--json").stdout)
    return str(urlsplit(shown["triggers"][0]["address"]).path)


def deliver(fleet: Fleet, address: str, delivery: str) -> str:
    """As a sender does: repeat under the same delivery id until it is accepted; gives the run's id."""
    for _ in range(50):
        try:
            answer = fleet.post(address, {"n": delivery}, **{"X-Delivery": delivery})
        except httpx.HTTPError:
            time.sleep(0.1)
            continue
        assert answer.status_code == 202, answer.text
        return str(answer.json()["run"])
    raise AssertionError(f"{delivery} was never accepted")


def verb(fleet: Fleet, *arguments: str) -> dict[str, Any]:
    return dict(json.loads(fleet.manage("workflows", *arguments, "--json").stdout))


def runs_of(fleet: Fleet) -> list[dict[str, Any]]:
    listed = fleet.manage("runs", "list", "--workflow", "Counter", "--limit", "0", "--json")
    return list(json.loads(listed.stdout)["runs"])


def at_rest(fleet: Fleet, statuses: set[str]) -> list[dict[str, Any]]:
    """The runs once all of them have one of the statuses."""
    deadline = time.monotonic() + 90
    while True:
        runs = runs_of(fleet)
        if {run["status"] for run in runs} <= statuses:
            return runs
        assert time.monotonic() < deadline, (Counter(run["status"] for run in runs), fleet.logs())
        time.sleep(0.5)


def test_scaled_deployment_loses_nothing_holds_its_pause_and_ends_at_once(fleet: Fleet) -> None:
    with serving(SlowSink()) as target:
        address = started(fleet, target)
        fleet.start_all()

        killed_in_the_middle(fleet, address, target)
        pauses_under_load(fleet, address)
        ends_under_load(fleet, address)

    assert told(fleet, "audit", "verify")["ok"] is True


def killed_in_the_middle(fleet: Fleet, address: str, target: Sink) -> None:
    deliveries = [f"delivery-{number}" for number in range(TRIGGERS)]
    with ThreadPoolExecutor(SENDERS) as pool:
        sending = pool.map(lambda delivery: deliver(fleet, address, delivery), deliveries)
        wait_until(lambda: len(target.seen) >= TRIGGERS // 3)
        fleet.kill_one("worker0")
        accepted = dict(zip(deliveries, sending, strict=True))

    runs = at_rest(fleet, {"success"})

    assert {run["delivery_id"]: run["id"] for run in runs} == accepted
    assert len(runs) == TRIGGERS
    keys = Counter(headers["idempotency-key"] for _method, _path, headers in target.seen)
    assert keys.keys() == {f"{run}.ask" for run in accepted.values()}
    assert max(keys.values()) <= 2, "only what the dead worker had begun was asked again"
    fleet.start("worker0", "worker")


def pauses_under_load(fleet: Fleet, address: str) -> None:
    for trial in range(PAUSES):
        with Load(fleet, address, f"pause-{trial}"):
            wait_until(lambda: any(run["status"] == "success" for run in runs_of(fleet)))
            paused_at = verb(fleet, "pause", "Counter", "--reason", "maintenance")["paused_at"]
            time.sleep(0.5)
        late = [run for run in runs_of(fleet) if run["started_at"] and run["started_at"] > paused_at]
        assert late == []
        at_rest(fleet, {"success", "held"})
        assert verb(fleet, "resume", "Counter", "--held", "release", "--pace", "100000")["changed"] is True
    at_rest(fleet, {"success"})


def ends_under_load(fleet: Fleet, address: str) -> None:
    with Load(fleet, address, "end"):
        time.sleep(1)
    ended = fleet.stop_all()

    assert {name: code for name, (code, _seconds) in ended.items()} == dict.fromkeys(ended, 0), fleet.logs()
    assert max(seconds for _code, seconds in ended.values()) < 15

    fleet.start_all(workers=1, schedulers=1)
    at_rest(fleet, {"success"})


def told(fleet: Fleet, *arguments: str) -> dict[str, Any]:
    return dict(json.loads(fleet.manage(*arguments, "--json").stdout))


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Load:
    """While inside, senders deliver without a pause; what they were promised is kept in `accepted`."""

    def __init__(self, fleet: Fleet, address: str, name: str) -> None:
        self.fleet, self.address, self.name = fleet, address, name
        self.over = threading.Event()
        self.accepted: dict[str, str] = {}
        self.threads = [threading.Thread(target=self.send, args=[number]) for number in range(SENDERS)]

    def send(self, sender: int) -> None:
        number = 0
        while not self.over.wait(0.05):
            delivery = f"{self.name}-{sender}-{number}"
            self.accepted[delivery] = deliver(self.fleet, self.address, delivery)
            number += 1

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()
        known = {run["delivery_id"]: run["id"] for run in runs_of(self.fleet)}
        assert self.accepted.items() <= known.items(), "an accepted trigger was lost"
