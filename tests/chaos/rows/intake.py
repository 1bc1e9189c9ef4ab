"""R01, R02, R48: what comes in."""

import gzip
import itertools
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.chaos.matrix import Outcome, row
from tests.chaos.processes import eventually, memory
from tests.chaos.rig import Flow, Rig
from tests.chaos.senders import DELIVERY, Answer, Stream, together
from tests.chaos.steps import KEEP
from tests.chaos.trials import shared_out
from workflows import services

SENDERS = 20
MIB = 1024 * 1024


@row(
    "R01",
    "A trigger answered 2xx is never lost",
    fault="web process killed at K1 to K4 under 20 senders",
    first=20,
    full=400,
)
def accepted_is_kept(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="until a trigger was accepted again")
    flow = rig.flow("R01", KEEP)
    rig.staff(2, threads=4)
    # On PostgreSQL an Active workflow's run is one statement, with no moment before its commit: K2 lies on a held one.
    held = rig.flow("R01 held", KEEP)
    services.pause(held.pk, reason="chaos", triggers="hold")
    ways = itertools.cycle([flow, held])
    with Stream(lambda: rig.send(next(ways)), senders=SENDERS, breath=0.1) as stream:
        for point, count in shared_out(trials, ("K1", "K2", "K3", "K4")):
            for _trial in range(count):
                _kill_web(rig, point, stream, outcome)
    runs = [answer.run for answer in stream.accepted]
    outcome.failures += rig.unrested(runs) + rig.breaches()
    wrong = set(rig.statuses(runs).values()) - {"success", "held"}
    outcome.failures += [f"accepted runs ended as {sorted(wrong)}"] * bool(wrong)
    return outcome


def _kill_web(rig: Rig, point: str, stream: Stream, outcome: Outcome) -> None:
    rig.faults.arm(f"{point} kill once")
    problems = [] if rig.faults.await_fired(point, 1) else [f"{point} did not fire"]
    fired_at = time.time()
    rig.faults.disarm()
    eventually(lambda: any(a.is_accepted and a.sent_at > fired_at for a in stream.answers[-200:]), 60)
    outcome.add(1, problems, time.time() - fired_at)


@row("R02", "With a delivery id, resending is safe", fault="errors at K1, K2, K4; each refused delivery sent 5 times more",
     first=100, full=1000)  # fmt: skip
def resending_is_safe(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="")
    flow = rig.flow("R02", KEEP)
    rig.staff(2, threads=4)
    while outcome.count < trials:
        rig.faults.arm("K1 raise chance:0.1", "K2 raise chance:0.3", "K4 raise chance:0.5")
        first = together(
            lambda name: rig.post.deliver(flow.path, name), [rig.post.name() for _ in range(100)]
        )
        outcome.failures += [] if rig.faults.fired() else ["no failpoint fired"]
        rig.faults.disarm()
        failed = [answer.delivery for answer in first if not answer.is_accepted][: trials - outcome.count]
        again = together(lambda name: rig.post.deliver(flow.path, name), failed * 5, senders=16)
        outcome.add(len(failed), one_run_each(again, failed))
    runs = [answer.run for answer in again]
    outcome.failures += rig.unrested(runs) + rig.breaches()
    return outcome


def one_run_each(answers: list[Answer], deliveries: list[str]) -> list[str]:
    runs: dict[str, set[str]] = {name: set() for name in deliveries}
    for answer in answers:
        runs[answer.delivery].add(answer.run)
    wrong = {name: found for name, found in runs.items() if len(found) != 1 or "" in found}
    return [f"delivery {name} has the runs {sorted(found)}" for name, found in wrong.items()]


def _endless(connection: socket.socket) -> None:
    """Chunks without end, until the server closes or 64 MiB went."""
    chunk = b"%x\r\n" % MIB + b"x" * MIB + b"\r\n"
    for _piece in range(64):
        connection.sendall(chunk)


JSON = "application/json"
Case = tuple[str, bytes, dict[str, str], set[int]]
BODIES: list[Case] = [
    ("deep", b"[" * 33 + b"]" * 33, {}, {422}),
    ("very deep", b"[" * 500_000, {}, {422}),
    ("huge number", b'{"n": ' + b"9" * 5000 + b"}", {}, {422}),
    ("huge exponent", b'{"n": 1e400}', {}, {422, 202}),
    ("NaN", b'{"n": NaN}', {}, {422}),
    ("Infinity", b'{"n": -Infinity}', {}, {422}),
    ("broken UTF-8", b'{"n": "\xff"}', {}, {422}),
    ("gzip", gzip.compress(b" " * 64 * MIB), {"Content-Encoding": "gzip"}, {422}),
    ("too large", b'"' + b"x" * MIB + b'"', {}, {413}),
    ("much too large", b"x" * 16 * MIB, {}, {413}),
    ("a length that is a lie", b"x", {"Content-Length": str(10 << 30)}, {413}),
    ("endless", b"", {"Transfer-Encoding": "chunked"}, {413}),
]


@row("R48", "Limits hold before parsing", fault="deep, huge, NaN, gzip, endless bodies", first=12, full=600)
def limits_hold(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="the slowest answer")
    flow = rig.flow("R48", {"id": "keep", "kind": "set", "values": {"a": 1}})
    rig.send(flow)
    before = sum(map(memory, rig.processes.alive("web")))
    for case, count in shared_out(trials, BODIES):
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(partial(_raw, rig, flow), [case] * count))
        for status, seconds in answers:
            wrong = [] if status in case[3] else [f"{case[0]} was answered {status or 'by nothing'}"]
            outcome.add(1, wrong, seconds)
    growth = sum(map(memory, rig.processes.alive("web"))) - before
    outcome.failures += [f"the web process grew by {growth // MIB} MiB"] * (growth > 50 * MIB)
    return outcome


def _raw(rig: Rig, flow: Flow, case: Case) -> tuple[int, float]:
    """Send one body as it is; gives the status, 0 without one, and the seconds."""
    name, body, headers, _statuses = case
    given = {
        "Host": "localhost",
        "Content-Type": JSON,
        DELIVERY: rig.post.name(),
        "Content-Length": str(len(body)),
        **headers,
    }
    if "Transfer-Encoding" in headers:
        del given["Content-Length"]
    head = "".join(f"{key}: {value}\r\n" for key, value in given.items())
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", rig.processes.port), timeout=20) as connection:
        try:
            connection.sendall(f"POST {flow.path} HTTP/1.1\r\n{head}\r\n".encode())
            _endless(connection) if name == "endless" else connection.sendall(body)
        except OSError:
            pass  # the server need not read to the end
        return _status(connection), time.monotonic() - begun


def _status(connection: socket.socket) -> int:
    try:
        line = connection.recv(64).split(b" ")
    except OSError:
        return 0
    return int(line[1]) if len(line) > 1 else 0
