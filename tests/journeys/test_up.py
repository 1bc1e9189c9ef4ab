"""`manage.py up` from an empty folder: ready, useful, stopped with 0, killed without loss."""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from runs.management.commands.up import WEB_PROCESSES
from tests.journeys.processes import Installation

pytestmark = pytest.mark.journey

INSTANT = {
    "format": "signalbox/1",
    "name": "Counter",
    "triggers": [{"id": "hook", "kind": "webhook", "dedupe": "header:X-Delivery"}],
    "steps": [
        {"id": "first", "kind": "set", "values": {"n": "{{ trigger.body.n }}"}},
        {"id": "second", "kind": "set", "values": {"n": "{{ steps.first.n }}"}},
    ],
}
TRIGGERS, KILLS = 200, 3
WEB = 1 + WEB_PROCESSES


def started(installation: Installation) -> str:
    """The hook's address of a workflow that runs."""
    path = installation.data / "counter.json"
    path.write_text(json.dumps(INSTANT))
    installation.manage("workflows", "import", str(path))
    installation.manage("workflows", "run", "Counter", "--accept-warnings")
    shown = json.loads(installation.manage("workflows", "show", "Counter", "--json").stdout)
    return str(shown["triggers"][0]["address"])


def runs_of(installation: Installation) -> list[dict[str, str]]:
    listed = installation.manage("runs", "list", "--workflow", "Counter", "--limit", "0", "--json")
    return list(json.loads(listed.stdout)["runs"])


def test_first_start_gives_samples_that_work_and_ends_with_zero(installation: Installation) -> None:
    installation.up()

    triggered = installation.manage("workflows", "trigger", "Nightly digest", "--wait", "--json")
    assert json.loads(triggered.stdout)["run"]["status"] == "success"
    listed = json.loads(installation.manage("workflows", "list", "--json").stdout)["workflows"]
    assert sorted(w["status"] for w in listed) == ["active", "active", "active", "active", "draft", "paused"]
    assert next(w for w in listed if w["status"] == "paused")["held"] == 7
    assert json.loads(installation.manage("audit", "verify", "--json").stdout)["ok"] is True
    assert json.loads(installation.manage("doctor", "--json").stdout)["ok"] is True

    code, seconds = installation.stop()
    assert code == 0
    assert seconds < 15
    assert installation.group_members() == []
    after = json.loads(installation.manage("doctor", "--json", check=False).stdout)
    levels = {found["name"]: found["level"] for found in after["findings"]}
    assert (levels["worker"], levels["scheduler"]) == ("error", "error"), "nobody is taken for alive"


def test_interrupt_ends_with_zero_and_the_second_start_loads_nothing_again(
    installation: Installation,
) -> None:
    installation.up("--no-samples")
    code, _seconds = installation.stop(signal.SIGINT)
    assert code == 0

    installation.up("--no-samples")
    assert json.loads(installation.manage("workflows", "list", "--json").stdout)["workflows"] == []
    assert installation.log.read_text().count("ready at") == 1


def test_signal_while_it_prepares_ends_with_zero_and_the_next_start_goes_on(
    installation: Installation,
) -> None:
    installation.launch("--no-samples")
    deadline = time.monotonic() + 60
    while not installation.named("migrate"):
        assert time.monotonic() < deadline
        time.sleep(0.01)

    code, seconds = installation.stop()

    assert code == 0
    assert seconds < 15
    assert installation.group_members() == []
    installation.up("--no-samples")


def test_worker_that_dies_is_started_again(installation: Installation) -> None:
    installation.up("--no-samples")
    address = started(installation)
    worker = installation.named("worker")
    assert len(worker) == 1
    os.kill(worker[0], signal.SIGKILL)

    answer = installation.post(address, {"n": 1}, **{"X-Delivery": "one"})

    assert answer.status_code == 202
    wait_for_rest(installation, seconds=30)
    assert [run["status"] for run in runs_of(installation)] == ["success"]


def test_web_server_that_dies_leaves_nothing_behind_and_is_started_again(installation: Installation) -> None:
    installation.up("--no-samples")
    before = installation.named("web")
    assert len(before) == WEB, "the server and the processes that it forked"
    os.kill(min(before), signal.SIGKILL)

    wait_until(lambda: not set(before) & set(installation.group_members()))
    wait_until(lambda: len(installation.named("web")) == WEB)
    wait_until(lambda: is_live(installation))


def test_process_that_answers_and_dies_is_started_again_by_its_server(installation: Installation) -> None:
    installation.up("--no-samples")
    before = installation.named("web")
    os.kill(max(before), signal.SIGKILL)

    wait_until(lambda: len(set(installation.named("web")) - set(before)) == 1)
    wait_until(lambda: is_live(installation))
    assert len(set(before) & set(installation.named("web"))) == WEB - 1, "the others went on"


def is_live(installation: Installation) -> bool:
    try:
        return httpx.get(f"{installation.url}/health/live", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_kill_of_everything_loses_and_doubles_nothing(installation: Installation) -> None:
    installation.up("--no-samples")
    address = started(installation)
    kill_at = set(random.Random(7).sample(range(20, TRIGGERS - 20), KILLS))
    accepted: dict[str, str] = {}
    for number in range(TRIGGERS):
        if number in kill_at:
            installation.kill()
            installation.up("--no-samples")
        deliver(installation, address, number, accepted)

    wait_for_rest(installation, seconds=60)

    runs = runs_of(installation)
    by_delivery = {run["delivery_id"]: run["id"] for run in runs}
    assert len(runs) == TRIGGERS
    assert by_delivery == accepted
    assert {run["status"] for run in runs} == {"success"}
    assert json.loads(installation.manage("audit", "verify", "--json").stdout)["ok"] is True


def deliver(installation: Installation, address: str, number: int, accepted: dict[str, str]) -> None:
    """As a sender does: repeat under the same delivery id until it is accepted."""
    delivery = f"delivery-{number}"
    for _ in range(50):
        try:
            answer = installation.post(address, {"n": number}, **{"X-Delivery": delivery})
        except httpx.HTTPError:
            time.sleep(0.1)
            continue
        assert answer.status_code == 202, answer.text
        accepted[delivery] = answer.json()["run"]
        return
    raise AssertionError(f"{delivery} was never accepted")


def wait_for_rest(installation: Installation, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if all(run["status"] == "success" for run in runs_of(installation)):
            return
        time.sleep(1)


def test_idle_installation_needs_less_than_200_mib(installation: Installation) -> None:
    installation.up()

    shares = {pid: proportional_kib(pid) for pid in installation.group_members()}

    assert len(shares) == WEB + 2, "and the supervisor and its worker"
    assert sum(shares.values()) < 200 * 1024


def proportional_kib(pid: int) -> int:
    """A process's memory, what it shares with others counted in equal parts."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
