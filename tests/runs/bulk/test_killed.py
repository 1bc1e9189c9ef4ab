"""R31: bulk acts are whole, resumable and stoppable. The worker is killed for real, amid 500 items."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ITEMS = 500

PREPARE = f"""
from audit import context
from runs.bulk import jobs
from runs.bulk.verbs import verb_of, things_of
from runs.models import Run
from tests.factories import make_run, make_user, make_workflow
user, workflow = make_user("manager", username="admin"), make_workflow("Leads")
for _ in range({ITEMS}):
    make_run(workflow)
rows = list(things_of("runs").rows(user))
jobs.begin(verb_of("runs", "cancel"), rows, {{}}, user)
"""
WORK = "from runs.bulk import working\nwhile working.work(): pass\n"


@pytest.fixture
def world(tmp_path: Path) -> dict[str, str]:
    """The environment of processes with a database of their own, in which a job of 500 items waits."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "SIGNALBOX_DATA": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/signalbox.sqlite3",
    }
    run(environment, "migrate", "-v", "0")
    run(environment, "shell", "-v", "0", "-c", PREPARE)
    return environment


def run(environment: dict[str, str], *words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True, timeout=120)


def counts(folder: str, table: str, column: str) -> dict[str, int]:
    connection = sqlite3.connect(f"{folder}/signalbox.sqlite3", timeout=20)
    try:
        return dict(connection.execute(f"SELECT {column}, count(*) FROM {table} GROUP BY {column}"))
    finally:
        connection.close()


def killed_after(environment: dict[str, str], settled: int) -> dict[str, int]:
    """Work in a process of its own, killed once so many items are settled; the states it leaves."""
    words = [sys.executable, "manage.py", "shell", "-v", "0", "-c", WORK]
    process = subprocess.Popen(words, cwd=ROOT, env=environment)
    folder, deadline = environment["SIGNALBOX_DATA"], time.monotonic() + 60
    while counts(folder, "runs_bulkitem", "state").get("left", 0) > ITEMS - settled:
        assert process.poll() is None, "the worker ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL
    return counts(folder, "runs_bulkitem", "state")


def test_killed_amid_500_nothing_is_lost_or_done_twice(world: dict[str, str]) -> None:
    folder, seed = world["SIGNALBOX_DATA"], random.randrange(1000)
    chance = random.Random(seed)
    for settled in sorted(chance.sample(range(20, ITEMS - 100), 2)):
        states = killed_after(world, settled)
        assert sum(states.values()) == ITEMS, f"seed {seed}"
        assert states["done"] >= settled
        assert states["left"] > 0, f"seed {seed}: the kill came too late to prove anything"
        runs = counts(folder, "runs_run", "status")
        assert (runs["cancelled"], runs["pending"]) == (states["done"], states["left"]), f"seed {seed}"
        assert counts(folder, "audit_auditevent", "event")["Run cancelled"] == states["done"]
    run(world, "shell", "-v", "0", "-c", WORK)
    assert counts(folder, "runs_bulkitem", "state") == {"done": ITEMS}
    assert counts(folder, "runs_run", "status") == {"cancelled": ITEMS}
    events = counts(folder, "audit_auditevent", "event")
    assert (events["Run cancelled"], events["Bulk started"], events["Bulk finished"]) == (ITEMS, 1, 1)
