"""What people do while runs come in: pause, resume, stop, run, publish, move, cancel, kill, replay, test, by hand."""

import random
from collections import Counter
from collections.abc import Callable

from audit.context import acting
from bench.figures_world import SCOPES, Family
from bench.workload import OPERATOR
from runs import services
from runs.models import CLOSED, Run, RunStatus
from workflows.lifecycle import Refusal, Status
from workflows.models import Workflow
from workflows.services import describing, importing, pausing, publishing, resuming, scopes, status

OUTSIDE = ("webhook", "event")


class People:
    """`turn` does some of it, by chance; `done` counts it. `replayed`: fresh runs of webhooks and events."""

    def __init__(self, world: list[Family], seed: int) -> None:
        self.random = random.Random(seed)
        self.families = {name: family for family in world for name in family.names}
        self.done: Counter[str] = Counter()
        self.replayed = 0

    def turn(self) -> None:
        """Before anything is sent: first what was closed opens again, then perhaps something else closes."""
        with acting(OPERATOR, origin="command"):
            self.open_all(self.random.choice(("release", "discard")))
            chances: tuple[tuple[float, Callable[[Workflow], object]], ...] = (
                (0.4, self._pause),
                (0.15, self._stop),
                (0.2, self._publish),
                (0.15, self._move),
            )
            for chance, act in chances:
                if self.random.random() < chance:
                    act(self.random.choice(list(Workflow.objects.standing().order_by("pk"))))

    def open_all(self, held: str) -> None:
        """Resume what is paused, run what is stopped."""
        with acting(OPERATOR, origin="command"):
            for workflow in Workflow.objects.filter(status=Status.PAUSED):
                resuming.resume(workflow.pk, held=held, accept_warnings=True)
                self.done[f"resumed, {held}"] += 1
            for workflow in Workflow.objects.filter(status=Status.NOT_RUNNING):
                status.run(workflow.pk, accept_warnings=True)

    def meddle(self, many: int) -> None:
        """While runs are on their way: so many of each."""
        with acting(OPERATOR, origin="command"):
            waiting = Run.objects.filter(status=RunStatus.WAITING).values_list("pk", flat=True)
            for place, pk in enumerate(list(waiting[: 2 * many])):
                self._ask(
                    "killed" if place % 3 else "cancelled",
                    services.kill if place % 3 else services.cancel,
                    pk,
                )
            closed = Run.objects.filter(status__in=CLOSED, is_test=False).order_by("-pk")
            for run in list(closed[self.random.randrange(100) :][:many]):
                self.replayed += (
                    self._ask("replayed", services.replay, run.pk) and run.trigger_kind in OUTSIDE
                )
            for workflow in self.random.choices(list(Workflow.objects.standing().order_by("pk")), k=many):
                payload = {"n": 1, "end": "success", "worth": "7.25"}
                self._ask("by hand", services.start_by_hand, workflow.pk, payload)
                self._ask("tested", services.test, workflow.pk, payload)

    def cancel_waiting(self) -> None:
        """Where no time passes for them."""
        with acting(OPERATOR, origin="command"):
            for pk in list(Run.objects.filter(status=RunStatus.WAITING).values_list("pk", flat=True)):
                self._ask("cancelled", services.cancel, pk)

    def _ask(self, name: str, act: Callable[..., object], *given: object) -> bool:
        """Do it, unless it is refused, which is counted too."""
        try:
            act(*given)
        except Refusal:
            name = f"refused: {name}"
        self.done[name] += 1
        return not name.startswith("refused")

    def _pause(self, workflow: Workflow) -> None:
        in_flight = self.random.choice(("finish", "hold", "cancel"))
        pausing.pause(
            workflow.pk, reason="load", in_flight=in_flight, triggers=self.random.choice(("hold", "skip"))
        )
        self.done["paused"] += 1

    def _stop(self, workflow: Workflow) -> None:
        status.stop(workflow.pk, reason="load")
        self.done["stopped"] += 1

    def _publish(self, workflow: Workflow) -> None:
        if workflow.status == Status.ACTIVE:
            words = f"{self.random.random()}"
            text = self.families[workflow.name].document(workflow.name, workflow.scope.ref, words)
            importing.import_file(text, into=workflow.pk, replace_draft=True)
            publishing.publish(workflow.pk, accept_warnings=True)
            self.done["published"] += 1

    def _move(self, workflow: Workflow) -> None:
        if workflow.name != "Order 1":
            describing.move(workflow.pk, scope=scopes.find_scope(self.random.choice(SCOPES)))
            self.done["moved"] += 1
