"""The rig: one stack with its database, its processes, sink, senders, failpoints and oracle."""

import json
import random
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.management import call_command
from django.db import connection

from audit.context import Actor, acting
from audit.export import lines
from audit.models import AuditEvent
from runs.models import CLOSED, Run, RunStatus
from tests.chaos.faults import Faults
from tests.chaos.oracle import ask
from tests.chaos.processes import NotInTime, Processes, eventually
from tests.chaos.proxy import Proxy
from tests.chaos.senders import DELIVERY, Answer, Post, together
from tests.chaos.sink import Sink
from tests.chaos.stacks import Place, at_port, environment
from workflows import services
from workflows.models import Trigger
from workflows.services.scopes import ensure_workspace

HERE = Actor("system", "chaos", "Chaos rig")
AT_REST = (*CLOSED, RunStatus.HELD, RunStatus.NEEDS_DECISION)


@dataclass(frozen=True)
class Flow:
    """A workflow that runs: its number, its name, the path of its webhook."""

    pk: int
    name: str
    path: str


class Rig:
    """Everything that a row needs. Use it as a context manager, in a process whose Django has the rig's settings.

    The rig's own connection goes to the server directly; what it starts goes by the proxies where `is_proxied`.
    """

    def __init__(self, place: Place, *, is_proxied: bool = False) -> None:
        self.place, self.stack, self.folder = place, place.stack, place.folder
        self.random = random.Random(place.seed)
        self.database = _proxied(place.database, is_proxied)
        self.broker = _proxied(place.stack.broker, is_proxied)
        self.given = environment(
            place.folder, _through(place.database, self.database), _through(self.stack.broker, self.broker)
        )
        self.faults = Faults(self.folder / "failpoints")
        self.sink = Sink(self.folder / "sink.jsonl")
        armed = {**self.given, "SIGNALBOX_FAILPOINTS": str(self.faults.folder)}
        self.processes = Processes(self.folder, armed)
        self.post = Post(self.processes.port, self.folder / "senders.jsonl")

    def __enter__(self) -> "Rig":
        self._acting = ExitStack()
        self._acting.enter_context(acting(HERE, origin="system"))
        call_command("migrate", interactive=False, verbosity=0)
        ensure_workspace()
        self.processes.serve()
        return self

    def __exit__(self, *raised: object) -> None:
        self.faults.disarm()
        self.processes.close()
        self.post.close()
        self.sink.close()
        for proxy in filter(None, (self.database, self.broker)):
            proxy.close()
        connection.close()
        self._acting.close()

    def staff(self, workers: int, *, threads: int = 1, schedulers: int = 1) -> None:
        """Have so many workers with so many threads each; on SQLite each worker schedules too."""
        self.processes.keep("worker", workers, "worker", "--threads", str(threads))
        if not self.stack.is_embedded:
            self.processes.keep("scheduler", schedulers, "scheduler")

    def flow(self, name: str, *steps: dict[str, Any], secret: str = "", **settings: Any) -> Flow:
        """A workflow under a name of its own, started; its webhook takes X-Delivery as delivery id.

        `triggers` replaces that webhook; `secret` is set for the trigger `hook` before the start.
        """
        hook = {"id": "hook", "kind": "webhook", "dedupe": f"header:{DELIVERY}"}
        document = {
            "format": "signalbox/1",
            "name": f"{name} {self.random.randrange(16**6):06x}"[:50],
            "triggers": settings.pop("triggers", [hook]),
            "steps": list(steps),
            "settings": settings,
        }
        made = services.import_file(json.dumps(document)).workflows[0]
        if secret:
            services.rotate_trigger_secret(made.pk, "hook", value=secret)
        services.run(made.pk, accept_warnings=True)
        first = Trigger.objects.filter(workflow=made.pk, kind="webhook").first()
        return Flow(made.pk, str(document["name"]), f"/hooks/{first.address}" if first else "")

    def trigger(self, flow: Flow, count: int, *, body: Any = None) -> list[str]:
        """So many new deliveries, insisted on; gives their runs."""
        names = [self.post.name() for _ in range(count)]
        answers = together(lambda name: self.post.insist(flow.path, name, body=body), names, min(8, count))
        return [answer.run for answer in answers if answer.is_accepted]

    def send(self, flow: Flow, **more: Any) -> Answer:
        """One new delivery, sent once."""
        return self.post.deliver(flow.path, self.post.name(), **more)

    def rest(self, runs: Iterable[str], within: float = 60) -> float:
        """Wait until each of the runs is closed, held, or needs a decision; gives the seconds. Raises NotInTime."""
        wanted = list(runs)

        def all_rest() -> bool:
            return all(
                not Run.objects.filter(pk__in=wanted[start : start + 500])
                .exclude(status__in=AT_REST)
                .exists()
                for start in range(0, len(wanted), 500)
            )

        return eventually(all_rest, within, every=0.1)

    def unrested(self, runs: Iterable[str], within: float = 60) -> list[str]:
        """Like `rest`, but gives those that did not come to rest, each as a sentence."""
        wanted = list(runs)
        try:
            self.rest(wanted, within)
        except NotInTime:
            left = Run.objects.filter(pk__in=wanted).exclude(status__in=AT_REST)
            return [f"run {run.pk} is {run.status} after {within} s" for run in left]
        return []

    def statuses(self, runs: Iterable[str]) -> dict[str, str]:
        found = Run.objects.filter(pk__in=list(runs)).values_list("pk", "status")
        return {str(pk): status for pk, status in found}

    def said(self, text: str) -> int:
        """How many lines of what the processes logged hold this text."""
        return self.processes.log.read_text(errors="replace").count(text)

    def check(self) -> dict[str, list[str]]:
        """Ask the oracle, a process of its own, for the breaches of each invariant; call it when all is at rest."""
        export = self.folder / "audit.jsonl"
        with export.open("w") as file:
            file.writelines(lines(AuditEvent.objects.all(), "jsonl"))
        return ask(self.folder, {**self.given, "DATABASE_URL": self.place.database})

    def breaches(self) -> list[str]:
        """The same as a list of sentences, each beginning with its invariant."""
        return [f"{name}: {breach}" for name, found in self.check().items() for breach in found]

    def pause_until(self, moment: float) -> None:
        time.sleep(max(0.0, moment - time.time()))


def _proxied(address: str, is_wanted: bool) -> Proxy | None:
    parts = urlsplit(address)
    return Proxy(parts.hostname or "127.0.0.1", parts.port or 0) if address and is_wanted else None


def _through(address: str, proxy: Proxy | None) -> str:
    return at_port(address, proxy.port) if proxy else address
