"""Copies taken under load are whole and quiet: what starts on one starts nothing until somebody confirms it (R83)."""

import json
import os
import shutil
import sqlite3
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest

from tests.journeys.processes import Fleet, Installation

pytestmark = pytest.mark.journey

DATABASE, BROKER = os.environ.get("DATABASE_URL", ""), os.environ.get("BROKER_URL", "")
SENDERS, COPIES, ENOUGH, QUIET_SECONDS = 3, 2, 40, 4
WAITS = {
    "format": "signalbox/1",
    "name": "Counter",
    "triggers": [{"id": "hook", "kind": "webhook", "dedupe": "header:X-Delivery"}],
    "steps": [
        {"id": "wait", "kind": "delay", "for": "PT3S"},
        {"id": "note", "kind": "set", "values": {"n": "{{ trigger.body.n }}"}},
    ],
}


class Load:
    """While inside, senders deliver; `accepted` maps what was answered with 202 to its run, as it goes on."""

    def __init__(self, installation: Installation, address: str) -> None:
        self.installation, self.address = installation, address
        self.over, self.accepted = threading.Event(), dict[str, str]()
        self.threads = [threading.Thread(target=self.send, args=[number]) for number in range(SENDERS)]

    def send(self, sender: int) -> None:
        number = 0
        while not self.over.wait(0.02):
            delivery = f"{sender}-{number}"
            answer = self.installation.post(self.address, {"n": number}, **{"X-Delivery": delivery})
            assert answer.status_code == 202, answer.text
            self.accepted[delivery] = answer.json()["run"]
            number += 1

    def after(self, count: int) -> dict[str, str]:
        """What was accepted, once it is so much."""
        deadline = time.monotonic() + 60
        while len(self.accepted) < count:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return dict(self.accepted)

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()


def started(installation: Installation) -> str:
    path = installation.data / "counter.json"
    path.write_text(json.dumps(WAITS))
    installation.manage("workflows", "import", str(path))
    installation.manage("workflows", "run", "Counter", "--accept-warnings")
    shown = told(installation, "workflows", "show", "Counter")
    return str(urlsplit(shown["triggers"][0]["address"]).path)


def told(installation: Installation, *arguments: str, check: bool = True) -> dict[str, Any]:
    return dict(json.loads(installation.manage(*arguments, "--json", check=check).stdout))


def runs_of(installation: Installation) -> dict[str, dict[str, Any]]:
    listed = told(installation, "runs", "list", "--workflow", "Counter", "--limit", "0")
    return {run["delivery_id"]: run for run in listed["runs"]}


def status_of(installation: Installation, path: str) -> int:
    return httpx.get(installation.url + path, timeout=5, trust_env=False).status_code


def wait_until_alive(installation: Installation) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if status_of(installation, "/health/live") == 200:
                return
        except httpx.HTTPError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def quiet(installation: Installation, address: str) -> None:
    """Nothing starts, nothing goes on, nothing is accepted, and it is told."""
    before = runs_of(installation)
    assert any(run["status"] in ("pending", "running", "waiting") for run in before.values()), (
        "no work left to wait"
    )
    time.sleep(QUIET_SECONDS)
    refused = installation.post(address, {"n": 0}, **{"X-Delivery": "too early"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert status_of(installation, "/health/ready") == 503
    found = told(installation, "doctor", check=False)["findings"]
    assert [finding["fix"].partition(": ")[2] for finding in found if finding["name"] == "restored"] == [
        "manage.py restore --confirm"
    ]
    assert runs_of(installation) == before


def goes_on(installation: Installation, address: str) -> dict[str, dict[str, Any]]:
    """After the confirmation everything that was open ends as success; gives the runs by delivery."""
    assert told(installation, "restore", "--confirm")["changed"] is True
    deadline = time.monotonic() + 60
    while any(run["status"] != "success" for run in runs_of(installation).values()):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    accepted = installation.post(address, {"n": 0}, **{"X-Delivery": "afterwards"})
    assert accepted.status_code == 202
    assert told(installation, "audit", "verify")["ok"] is True
    assert told(installation, "restore", "--confirm")["changed"] is False
    return runs_of(installation)


def test_copies_of_sqlite_taken_under_load_are_whole_and_quiet(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    installation.up("--no-samples")
    address = started(installation)
    before: list[dict[str, str]] = []
    with Load(installation, address) as load:
        for number in range(COPIES):
            before.append(load.after(ENOUGH * (number + 1)))
            installation.manage("backup", str(installation.data / f"copy{number}.sqlite3"))
    installation.stop()

    for number in range(COPIES):
        copy = Installation(tmp_path_factory.mktemp("copy"))
        try:
            put_into_place(copy, installation.data / f"copy{number}.sqlite3", by_hand=bool(number))
            copy.launch("--no-samples")
            wait_until_alive(copy)
            quiet(copy, address)
            runs = goes_on(copy, address)
            copy.wait_until_ready(20)
            assert copy.stop()[0] == 0
        finally:
            copy.end()
        assert before[number].items() <= {name: run["id"] for name, run in runs.items()}.items()


def put_into_place(copy: Installation, file: Path, *, by_hand: bool) -> None:
    """By the command, or as somebody does who does not know it: the copy itself says what it is."""
    if by_hand:
        shutil.copy(file, copy.data / "signalbox.sqlite3")
        return
    restored = told(copy, "restore", str(file))
    assert restored["restored"]["copied_at"] is not None
    assert restored["restored"]["confirmed_at"] is None


def test_copy_takes_the_place_of_a_used_database_which_is_kept(installation: Installation) -> None:
    installation.manage("migrate")
    path = installation.data / "counter.json"
    path.write_text(json.dumps(WAITS))
    file, present = installation.data / "copy.sqlite3", installation.data / "signalbox.sqlite3"
    installation.manage("backup", str(file))
    installation.manage("workflows", "import", str(path))

    restored = told(installation, "restore", str(file))

    assert restored["changed"] is True
    assert names_in(present) == []
    assert names_in(Path(restored["former"])) == ["Counter"]


def names_in(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as database:
        return [name for (name,) in database.execute("SELECT name FROM workflows_workflow")]


@contextmanager
def new_database() -> Iterator[str]:
    name = f"signalbox_restore_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(DATABASE)
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.stack
@pytest.mark.skipif(
    not DATABASE.startswith("postgres") or not BROKER or not shutil.which("pg_dump"),
    reason="needs DATABASE_URL of PostgreSQL, BROKER_URL and pg_dump",
)
def test_dump_of_postgresql_taken_under_load_is_whole_and_quiet(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with new_database() as database, new_database() as copied:
        original = Fleet(tmp_path, database, BROKER)
        copy = Fleet(tmp_path_factory.mktemp("copy"), copied, BROKER)
        dump = tmp_path / "signalbox.dump"
        try:
            original.manage("migrate")
            original.start_all(workers=1, schedulers=1)
            address = started(original)
            with Load(original, address) as load:
                before = load.after(ENOUGH)
                subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", database], check=True)
            # The two share a broker's queue here, as no installations should: the original must not ring for the copy.
            original.stop_all()
            subprocess.run(["pg_restore", f"--dbname={copied}", str(dump)], check=True)

            assert told(copy, "restore")["changed"] is True
            copy.start("web", "web", "--port", str(copy.port))
            copy.start("worker", "worker")
            copy.start("scheduler", "scheduler")
            wait_until_alive(copy)
            quiet(copy, address)
            runs = goes_on(copy, address)

            assert {code for code, _seconds in copy.stop_all().values()} == {0}
        finally:
            original.end()
            copy.end()
    assert before.items() <= {name: run["id"] for name, run in runs.items()}.items()
