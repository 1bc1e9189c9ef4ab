"""What the page of one run shows: its figures, its steps, the opened attempt, related runs, the trigger's input."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import queries as audit_queries
from config.web import addresses, policy
from config.web.htmx import wants_partial
from config.web.pages import mark
from runs import run_values
from runs.gantt import gantt
from runs.menus import verb_url as workflow_verb_url
from runs.models import AttemptStatus, Run, StepAttempt
from runs.run_menus import is_offered, run_menu
from runs.run_values import Value
from runs.run_words import RETRIED, Text, advice
from runs.timeline import Node, Timeline
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.definition.models import Definition
from workflows.models import Status

POLL_SECONDS: Final = 2
FEW: Final = 200
RELATED: Final = 20
EVENTS: Final = 10
ORDER: Final = ("view", "step", "item", "attempt", "full", "show", "page")
DRAWING: Final = "drawing"
TELLING: Final = (AttemptStatus.FAILED, AttemptStatus.STARTED, AttemptStatus.WAITING)


@dataclass(frozen=True)
class Panel:
    """One attempt of one step, opened below its step."""

    node: Node
    attempt: StepAttempt
    advice: Text
    values: list[Value]


class RunDetails:
    """What the page shows, in a constant number of queries."""

    def __init__(self, request: HttpRequest, run: Run) -> None:
        self.request, self.run = request, run
        self.step = request.GET.get("step", "")[:40]
        self.item = request.GET.get("item", "")[:60]
        self.shows_all = request.GET.get("show") == "all"
        self.is_drawn = request.GET.get("view") == DRAWING

    def context(self) -> dict[str, Any]:
        run, user = self.run, self.request.user
        is_partial, timeline = wants_partial(self.request), self.timeline
        run.refresh_from_db(fields=["output"] if is_partial else ["input", "output"])
        return {
            "view": self,
            "run": run,
            "menu": run_menu(run, user),
            "may_replay": is_offered(run, user, "replay"),
            "may_decide": is_offered(run, user, "decide"),
            "timeline": timeline,
            "gantt": gantt(run, timeline, timezone.now()) if self.is_drawn else None,
            "failure": timeline.failure,
            "panel": self.panel,
            "related": self._related(),
            "values": list(run.values.order_by("pk")),
            "events": list(audit_queries.about("run", run.pk)[:EVENTS]),
            "mark": self.mark,
            "poll_seconds": POLL_SECONDS if run.is_open else 0,
            "is_partial": is_partial,
            **({} if is_partial else self._trigger()),
        }

    def address(self, **changes: Any) -> str:
        """This page's address with changed parameters."""
        return addresses.here(self.request, changes, order=ORDER)

    @cached_property
    def mark(self) -> str:
        """Of what moves: the run's own state and its attempts."""
        run = self.run
        return mark(run.status, run.reason, run.wish, run.due_at, run.attempts, *self.figures.values())

    @cached_property
    def figures(self) -> dict[str, int | None]:
        """How many attempts there are, the newest one's id, and how many have ended."""
        return self._attempts().aggregate(n=Count("pk"), newest=Max("pk"), ended=Count("ended_at"))

    @property
    def is_part(self) -> bool:
        """Whether there are so many attempts that a part of them is shown."""
        return (self.figures["n"] or 0) > FEW

    @cached_property
    def pages(self) -> int:
        return -(-(self.figures["n"] or 0) // FEW)

    @property
    def page(self) -> int:
        given = self.request.GET.get("page", "")
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 1
        return min(max(number, 1), max(self.pages, 1))

    @property
    def previous_page(self) -> int:
        return self.page - 1

    @property
    def next_page(self) -> int:
        return self.page + 1 if self.page < self.pages else 0

    @property
    def queue_wait(self) -> timedelta | None:
        """From receiving it to the first claim; of two hosts' clocks the second may be behind."""
        started = self.run.started_at
        return max(started - self.run.received_at, timedelta()) if started else None

    @property
    def output(self) -> str:
        """What the run gave, such as the message of a step that finished it."""
        value = run_values.stored_value(self.run.output)
        return value if isinstance(value, str) else run_values.readable(value) if value is not None else ""

    @property
    def value_query(self) -> str:
        """What names the shown attempt in the address of its values."""
        keep = {"view": None, "full": None, "show": None, "page": None}
        return addresses.query(self.request.GET, keep, order=ORDER)

    @cached_property
    def timeline(self) -> Timeline:
        rows = self._attempts().defer("input", "output").order_by("pk")
        if self.is_part:
            rows = self._part(rows)
        return Timeline(self.run, self.definition, list(rows), is_part=self.is_part)

    @cached_property
    def definition(self) -> Definition | None:
        try:
            return compile_definition(self.run.version.definition) if self.run.version else None
        except DefinitionRefused:
            return None

    @cached_property
    def chosen_attempt(self) -> StepAttempt | None:
        """The attempt that the address names: without number the last one, without item the first item's."""
        if not self.step:
            return None
        rows = self._attempts().filter(step_id=self.step)
        rows = rows.filter(item=self.item) if self.item else rows
        first = rows.order_by("pk").values_list("item", flat=True)[:1]
        number = self.request.GET.get("attempt", "")
        if number.isascii() and number.isdigit() and len(number) < 5:
            rows = rows.filter(number=int(number))
        return rows.filter(item__in=first).order_by("-number").first()

    @cached_property
    def panel(self) -> Panel | None:
        chosen = self.chosen_attempt
        node = self.timeline.find(chosen.step_id, chosen.item) if chosen else None
        if chosen is None or node is None:
            return None
        is_retried = self.run.is_open and not chosen.is_final
        return Panel(node, chosen, RETRIED if is_retried else advice(chosen.error_code), self._values(chosen))

    def _values(self, chosen: StepAttempt) -> list[Value]:
        full = self.request.GET.get("full", "")
        made = (
            run_values.of_attempt(chosen, name, label, whole=full == name)
            for name, label in (("input", _("Input")), ("output", _("Output")))
        )
        return [value for value in made if value is not None]

    def _attempts(self) -> QuerySet[StepAttempt]:
        return StepAttempt.objects.filter(run=self.run)

    def _part(self, rows: QuerySet[StepAttempt]) -> QuerySet[StepAttempt]:
        if self.shows_all:
            start = (self.page - 1) * FEW
            return rows[start : start + FEW]
        telling = rows.filter(status__in=TELLING).order_by("pk").values("pk")[:FEW]
        opened = self.chosen_attempt
        chosen = Q(step_id=opened.step_id, item=opened.item) if opened else Q()
        return rows.filter(Q(pk__in=list(telling.values_list("pk", flat=True))) | chosen)

    def _related(self) -> list[tuple[Any, Run]]:
        """Runs that this one comes from or led to, as far as the person sees them."""
        run = self.run
        wanted = Q(replay_of=run) | Q(parent=run) | Q(pk__in=[run.replay_of_id, run.parent_id])
        rows = policy.visible_to(self.request.user, Run.objects.filter(wanted)).select_related("workflow")
        found = rows.defer("input", "output").order_by("pk")[:RELATED]
        return [(self._relation(other), other) for other in found]

    def _relation(self, other: Run) -> str:
        if other.pk == self.run.replay_of_id:
            return _("Replay of")
        if other.pk == self.run.parent_id:
            return _("Started by")
        return _("Replayed as") if other.replay_of_id == self.run.pk else _("Started")

    def _trigger(self) -> dict[str, Any]:
        """What the trigger brought. It never changes, so it stands outside the part that asks again."""
        name, payload = run_values.payload_of(self.run)
        given = run_values.stored_value(self.run.input)
        whole = self.request.GET.get("full") == "trigger"
        workflow = self.run.workflow
        may_test = workflow.status != Status.ARCHIVED and policy.may(self.request.user, "test", workflow)
        return {
            "payload": run_values.shown("trigger", name, run_values.readable(payload), whole=whole)
            if name
            else None,
            "headers": _pairs(given, "headers"),
            "query": _pairs(given, "query"),
            "test_url": f"{workflow_verb_url(workflow, 'test')}?run={self.run.pk}"
            if name and may_test and not workflow.deleted_at
            else "",
        }


def _pairs(given: Any, name: str) -> list[tuple[str, str]]:
    found = given.get(name) if isinstance(given, dict) else None
    if not isinstance(found, dict):
        return []
    return [
        (key, value if isinstance(value, str) else run_values.readable(value)) for key, value in found.items()
    ]
