"""The proxy, the sink and the killer do what rows rely on."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.chaos.killer import RandomKiller
from tests.chaos.processes import eventually
from tests.chaos.proxy import Proxy
from tests.chaos.sink import KEY, Sink


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    made = Sink(tmp_path / "sink.jsonl")
    yield made
    made.close()


@pytest.fixture
def proxy(sink: Sink) -> Iterator[Proxy]:
    made = Proxy("127.0.0.1", sink.server_port)
    yield made
    made.close()


def ask(proxy: Proxy, way: str = "ok", **more: object) -> httpx.Response:
    return httpx.post(
        f"http://127.0.0.1:{proxy.port}/{way}", headers={KEY: "r.s"}, timeout=2, trust_env=False, **more
    )


def test_sink_writes_down_before_it_does_not_answer(sink: Sink) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.put(sink.url("mute"), content=b"body", headers={KEY: "r.s"}, trust_env=False)
    assert [(line["key"], line["method"], line["path"]) for line in sink.requests()] == [
        ("r.s", "PUT", "/mute")
    ]


def test_sink_is_flaky_once_for_each_key(sink: Sink) -> None:
    answers = [httpx.get(sink.url("flaky"), headers={KEY: key}, trust_env=False) for key in ("a", "a", "b")]
    assert [answer.status_code for answer in answers] == [500, 200, 500]


def test_proxy_passes_on(proxy: Proxy) -> None:
    assert ask(proxy).text == "ok"
    assert proxy.faults == 0


def test_proxy_refuses_until_it_is_healed(proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(httpx.HTTPError):
        ask(proxy)
    assert proxy.faults == 1
    proxy.heal()
    assert ask(proxy).status_code == 200


def test_proxy_swallows(proxy: Proxy, sink: Sink) -> None:
    proxy.swallow()
    with pytest.raises(httpx.TimeoutException):
        ask(proxy)
    assert sink.requests() == []


def test_proxy_delays(proxy: Proxy) -> None:
    proxy.delay(0.2)
    begun = time.monotonic()
    ask(proxy)
    assert time.monotonic() - begun > 0.2


def test_proxy_resets_within_a_request(proxy: Proxy, sink: Sink) -> None:
    proxy.reset_after(20)
    with pytest.raises(httpx.HTTPError):
        ask(proxy, content=b"x" * 1000)
    assert sink.requests() == []
    assert proxy.faults == 1


def test_proxy_cuts_what_stands(proxy: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port)) as standing:
        eventually(lambda: proxy.cut() == 1, 5)
        with pytest.raises(ConnectionResetError):
            standing.recv(1)


def test_killer_kills_what_it_is_given_and_says_so() -> None:
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    alive = [victim.pid]
    with RandomKiller(lambda: alive, seed=1, mean=0.02, frozen=0.02) as killer:
        victim.wait(timeout=20)
        alive.clear()
    assert victim.returncode == -signal.SIGKILL
    assert ("SIGKILL", victim.pid) in killer.blows


def test_killer_draws_from_its_seed() -> None:
    draws = [RandomKiller(list, seed, mean=1, frozen=1).random.random() for seed in (3, 3, 4)]
    assert draws[0] == draws[1] != draws[2]
