"""R41, R46, R47, R51: doubled and garbled messages, poison runs, mail."""

import contextlib
import random
import re
import socket

from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker

from config.broker import broker, waiting
from runs.actors import advance_run
from runs.engine import doorbell
from runs.engine.doorbell import QUEUE
from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Flow, Rig
from tests.chaos.steps import KEEP, asks
from tests.chaos.trials import all_are, batches, die_at, in_time, requests_are
from workflows.models import Status, Workflow

BROKE_OFF = "Consumer encountered an unexpected error"


@row(
    "R41",
    "Doubled, shuffled messages are harmless",
    fault="each run's message sent ten times, shuffled",
    first=100,
    full=5000,
)
def doubled_messages(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="until all runs had ended")
    flow = rig.flow("R41", asks(rig, "ok", method="PUT", json={}))
    rig.staff(2, threads=4)
    for count in batches(trials, 100):
        runs = rig.trigger(flow, count)
        rings = runs * 10
        rig.random.shuffle(rings)
        for run in rings:
            _ring(rig, run)
        problems = rig.unrested(runs, 120) + all_are(rig, runs, "success") + requests_are(rig, runs, "ask", 1)
        outcome.add(count, problems)
    outcome.failures += rig.breaches()
    return outcome


def _ring(rig: Rig, run: str) -> None:
    doorbell.ring(run) if rig.stack.is_embedded else advance_run.send(run)


@row("R46", "A run that kills workers is stopped", fault="three runs that end every worker by SIGKILL, SIGSEGV or SIGABRT", first=1,
     full=50)  # fmt: skip
def poison(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="until the third had been stopped")
    rig.staff(4)
    other = rig.flow("R46 other", KEEP)
    for _trial in range(trials):
        _kill_workers(rig, other, outcome)
    outcome.failures += rig.breaches()
    return outcome


def _kill_workers(rig: Rig, other: Flow, outcome: Outcome) -> None:
    flow = rig.flow("R46", asks(rig, "ok"))
    rig.faults.arm("K7 kill chance:0.3", "K7 kill:11 chance:0.5", "K7 kill:6 always")
    runs, others = rig.trigger(flow, 3), rig.trigger(other, 10)
    problems = (
        rig.unrested(runs + others, 90) + all_are(rig, runs, "failed") + all_are(rig, others, "success")
    )
    # A process that is about to end may reach the point in another thread as well: it dies once.
    deaths = len({line["process"] for line in rig.faults.fired("K7")})
    problems += [f"{deaths} deaths by three runs"] * (deaths > 9)
    problems += in_time(lambda: _is_stopped(flow), 20, "the workflow was not stopped")
    rig.faults.disarm()
    outcome.add(1, problems)


def _is_stopped(flow: Flow) -> bool:
    found = Workflow.objects.get(pk=flow.pk)
    return (found.status, found.cause) == (Status.NOT_RUNNING, "resource_limit")


@row(
    "R47",
    "Garbage messages never loop",
    fault="unknown actors, cut and foreign messages",
    first=100,
    full=1000,
)
def garbage(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="")
    flow = rig.flow("R47", KEEP)
    rig.staff(1, threads=4)
    rig.rest(rig.trigger(flow, 1))  # from now on the worker listens
    before = rig.processes.alive("worker")
    earlier = rig.said(BROKE_OFF)  # in a row that took the broker away
    names = [_send_garbage(rig) for _trial in range(trials)]
    problems = []
    if not rig.stack.is_embedded:
        problems = in_time(lambda: not _left(names), 30, "messages are left")
    runs = rig.trigger(flow, 5)
    problems += rig.unrested(runs, 30) + all_are(rig, runs, "success")
    problems += ["the worker was started again"] * (rig.processes.alive("worker") != before)
    broke = rig.said(BROKE_OFF) - earlier
    problems += [f"the consumer broke off {broke} times"] * bool(broke)
    outcome.add(trials, problems)
    return outcome


def _left(names: list[str]) -> int:
    """How many of them the broker still has. Redis also has what workers killed in rows before this one had taken."""
    if isinstance(broker, RedisBroker):
        return sum(broker.client.hexists(f"{broker.namespace}:{QUEUE}.msgs", name) for name in names)
    return waiting(QUEUE)


def _send_garbage(rig: Rig) -> str:
    text, name = _garbled(rig.random), f"{rig.random.randrange(1 << 60):x}"
    if rig.stack.is_embedded:
        _send_datagram(text[:100])
    elif isinstance(broker, RedisBroker):
        broker.client.hset(f"{broker.namespace}:{QUEUE}.msgs", name, text)
        broker.client.rpush(f"{broker.namespace}:{QUEUE}", name)
    else:
        broker.channel.basic_publish(exchange="", routing_key=QUEUE, body=text)
    return name


def _send_datagram(text: bytes) -> None:
    """To whichever of the worker's possible addresses somebody listens at."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        for slot in range(doorbell.SLOTS):
            with contextlib.suppress(ConnectionRefusedError):
                bell.sendto(text, doorbell.address(slot))
                return
    raise ConnectionRefusedError("no worker listens")


def _garbled(chance: random.Random) -> bytes:
    fine = Message(
        queue_name=QUEUE, actor_name="runs.advance", args=("no id",), kwargs={}, options={}
    ).encode()
    unknown = Message(queue_name=QUEUE, actor_name="runs.gone", args=(1, 2), kwargs={}, options={}).encode()
    old = Message(
        queue_name=QUEUE, actor_name="runs.advance", args=(), kwargs={"run": 1}, options={}
    ).encode()
    cut = fine[: chance.randrange(1, len(fine))]
    return chance.choice([fine, unknown, old, cut, chance.randbytes(40), b"{}", b"null"])


@row("R51", "Mail: no injected headers, one Message-ID per key", fault="CR and LF in subjects and addresses; worker killed at K8",
     first=20, full=200)  # fmt: skip
def mail(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="")
    step = {"id": "ask", "kind": "send_email", "to": "{{ trigger.body.to }}", "subject": "{{ trigger.body.subject }}",
            "text": "run {{ run.id }}", "on_crash": "repeat"}  # fmt: skip
    flow = rig.flow("R51", step)
    rig.staff(4)
    hostile = ["x\r\nX-Injected: yes", "x\nX-Injected: yes", "x\rX-Injected: yes", "x\u2028X-Injected: yes"]
    for number in range(trials - trials // 5):
        text = hostile[number % len(hostile)]
        body = (
            {"to": "a@example.test", "subject": text}
            if number % 2
            else {"to": f"a@example.test{text}", "subject": "x"}
        )
        runs = rig.trigger(flow, 1, body=body)
        outcome.add(1, rig.unrested(runs) + all_are(rig, runs, "failed"))
    fine = rig.flow("R51 fine", {**step, "to": "a@example.test", "subject": "x"})
    die_at(rig, fine, "K8", trials // 5, lambda runs: _one_identity(rig, runs), outcome)
    outcome.failures += ["a header was injected"] * bool(re.search(r"^X-Injected", _mails(rig), re.MULTILINE))
    return outcome


def _mails(rig: Rig) -> str:
    return "\n".join(path.read_text() for path in (rig.folder / "mail").glob("*.log"))


def _one_identity(rig: Rig, runs: list[str]) -> list[str]:
    problems = all_are(rig, runs, "success")
    mails = [mail for mail in re.split(r"^-{20,}$", _mails(rig), flags=re.MULTILINE) if mail.strip()]
    sent = 0
    for run in runs:
        mine = [mail for mail in mails if f"run {run}" in mail]
        sent += len(mine)
        identities = {
            found for mail in mine for found in re.findall(r"^Message-ID: (.*)$", mail, re.MULTILINE)
        }
        problems += [f"{len(mine)} mails of run {run} under {identities}"] * (len(identities) != 1)
    # Each death repeats one mail; which run's, a busy worker's queue decides: one may die twice and another never.
    return problems + [f"{sent} mails by {len(runs)} runs and as many deaths"] * (sent != 2 * len(runs))
