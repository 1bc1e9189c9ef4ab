"""What the list shows of each workflow besides its own row: last runs, the last day, what is held, what comes next.

Two queries for all shown rows: correlated subqueries, each over an index, and the figures of the last day. Nothing here
depends on how many workflows or runs there are.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from django.db.models import (
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from config.web.charts import Mark, Strip, strip
from runs.models import IN_FLIGHT, Run, RunStatus, Schedule
from runs.monitoring import figures
from runs.monitoring.annotating import closed_in
from runs.monitoring.figures import Figures
from runs.monitoring.windows import Grain, Window
from workflows import maintenance
from workflows.maintenance import Near
from workflows.models import Notice, NoticeKind, Status, Trigger, Workflow

STRIP: Final = 30
HOUR: Final = timedelta(hours=1)
# product.md, section 5: the failure rule that warns.
RULE_ONE_IN: Final = 10
RULE_LEAST: Final = 20
# screens.md, "Charts": below it a ratio says little.
RATIO_LEAST: Final = 20

MARKS: Final[dict[str, Mark]] = {
    RunStatus.SUCCESS: "ok",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "other",
}


class Joined(Subquery):
    """The values of a subquery of one column named `word`, in its order, as one text with commas between."""

    template = "(SELECT group_concat(word) FROM (%(subquery)s) AS listed)"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        template = "(SELECT string_agg(word, ',') FROM (%(subquery)s) AS listed)"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True)
class Ratio:
    """How many production runs ended well and how many failed."""

    succeeded: int
    failed: int

    @property
    def ended(self) -> int:
        return self.succeeded + self.failed

    @property
    def is_telling(self) -> bool:
        """Whether enough runs ended for a ratio to say something."""
        return self.ended >= RATIO_LEAST

    @property
    def percent(self) -> float:
        return 100 * self.succeeded / self.ended if self.ended else 0.0


@dataclass(frozen=True)
class Summary:
    """The figures of one workflow. `runs`: those that ended in the last 24 h (`last_day`), the skipped left out.

    `near`: the maintenance windows announced in its scope, whether or not they mean it (`maintenance.announcements_of`).
    """

    pk: int
    revision: int
    is_overdue: bool
    last_run_at: datetime | None
    last_runs: str
    runs: int
    succeeded: int
    failed: int
    held: int
    in_flight: int
    next_run_at: datetime | None
    trigger_kinds: tuple[str, ...]
    secret_triggers: tuple[str, ...]
    has_broken_schedule: bool
    near: tuple[Near, ...]

    @property
    def success(self) -> "Ratio":
        """Of these, those that succeeded or failed."""
        return Ratio(self.succeeded, self.failed)

    @cached_property
    def strip(self) -> Strip:
        """The last runs, oldest first; whatever is neither success nor failed nor closed is open."""
        newest_first = [word for word in self.last_runs.split(",") if word]
        return strip([MARKS.get(word, "open") for word in reversed(newest_first)], slots=STRIP)


def summaries(workflows: QuerySet[Workflow, Any] | Collection[int]) -> dict[int, Summary]:
    """The summaries of these workflows (ids, or a queryset of them), by id, in two queries."""
    rows = Workflow.objects.filter(pk__in=workflows).order_by().annotate(**_figures()).values(*FIGURES)
    by_pk = {row["pk"]: row for row in rows}
    days = figures.by_workflow(last_day(), workflows=list(by_pk)) if by_pk else {}
    return {pk: _summary(row, days.get(pk, Figures())) for pk, row in by_pk.items()}


def last_day() -> Window:
    """The last 24 hours in whole quarter-hours, the present one included."""
    return Window.of("24h", timezone.now())


FIGURES: Final = (
    "pk",
    "revision",
    "status",
    "resume_expected_at",
    "last_run_at",
    "last_runs",
    "held",
    "in_flight",
    "next_run_at",
    "kinds",
    "with_secret",
    "broken_schedules",
    "near",
)


def _summary(row: dict[str, Any], day: Figures) -> Summary:
    expected = row["resume_expected_at"] if row["status"] == Status.PAUSED else None
    return Summary(
        pk=row["pk"],
        revision=row["revision"],
        is_overdue=expected is not None and expected <= timezone.now(),
        last_run_at=row["last_run_at"],
        last_runs=row["last_runs"] or "",
        runs=day.executed,
        succeeded=day.success,
        failed=day.failed,
        held=row["held"],
        in_flight=row["in_flight"],
        next_run_at=row["next_run_at"],
        trigger_kinds=tuple(dict.fromkeys(filter(None, (row["kinds"] or "").split(",")))),
        secret_triggers=tuple(filter(None, (row["with_secret"] or "").split(","))),
        has_broken_schedule=bool(row["broken_schedules"]),
        near=maintenance.read_near(row["near"] or ""),
    )


def _figures() -> dict[str, Any]:
    own = Run.objects.filter(workflow=OuterRef("pk")).order_by()
    triggers = Trigger.objects.filter(workflow=OuterRef("pk")).order_by("pk")
    in_use = triggers.filter(Q(is_live=True) | Q(workflow__published=None))
    schedules = Schedule.objects.filter(trigger__workflow=OuterRef("pk"), is_armed=True).order_by()
    started = own.counted().filter(started_at__isnull=False).order_by("-id").annotate(word=F("status"))
    return {
        "last_runs": Joined(started.values("word")[:STRIP]),
        "held": _count(own.filter(status=RunStatus.HELD)),
        "in_flight": _count(own.filter(status__in=IN_FLIGHT, is_test=False)),
        "next_run_at": next_run(),
        "kinds": Joined(in_use.annotate(word=F("kind")).values("word")),
        "with_secret": Joined(triggers.exclude(secret="").annotate(word=F("trigger_id")).values("word")),
        "broken_schedules": _count(schedules.exclude(set_aside=""), key="trigger__workflow"),
        "near": Joined(maintenance.near_words()),
    }


def _count(rows: QuerySet[Any], *, key: str = "workflow") -> Coalesce:
    counted = rows.values(key).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def ratio_in(window: Window, workflow_pk: int) -> Ratio:
    """Of one workflow's production runs that ended in the window; one query."""
    found = figures.totals(window, workflows=[workflow_pk])
    return Ratio(found.success, found.failed)


def next_run() -> Subquery:
    """When the first schedule of an Active workflow is due, as an annotation of workflows.

    A paused one's ticks are skipped, so they are no runs to come.
    """
    rows = Schedule.objects.filter(
        trigger__workflow=OuterRef("pk"), trigger__workflow__status=Status.ACTIVE, is_armed=True
    ).order_by()
    soonest = rows.values("trigger__workflow").annotate(at=Min("next_at")).values("at")
    return Subquery(soonest, output_field=DateTimeField())


def failing(workflows: QuerySet[Workflow]) -> QuerySet[Workflow]:
    """Those above the rule that warns (more than 10 % of at least 20 runs in the last hour failed), or above their own.

    They carry `failed` and `ended` of that hour, and `is_warned`: their own failure rule warns. Only production runs of
    Active workflows count, only those that ended since the last publish or resume. The runs of one hour are read, through
    their index, of workflows alone that had failures then, as their figures say.
    """
    now = timezone.now()
    warned = Notice.objects.filter(workflow=OuterRef("pk"), kind=NoticeKind.FAILURE_RULE, closed_at=None)
    active = workflows.filter(status=Status.ACTIVE).annotate(is_warned=Exists(warned))
    few = closed_in(Window.between(now - HOUR, now, grain=Grain.QUARTER), RunStatus.FAILED)
    lately = Q(is_warned=True) | Q(lately__gte=RULE_LEAST / RULE_ONE_IN)
    some = active.annotate(lately=few).filter(lately).annotate(failed=_in_the_hour(now, [RunStatus.FAILED]))
    some = some.filter(Q(is_warned=True) | Q(failed__gte=RULE_LEAST / RULE_ONE_IN))
    both = some.annotate(ended=_in_the_hour(now, [RunStatus.SUCCESS, RunStatus.FAILED]))
    return both.filter(Q(is_warned=True) | Q(ended__gte=RULE_LEAST, ended__lt=F("failed") * RULE_ONE_IN))


def _in_the_hour(now: datetime, statuses: Collection[str]) -> Coalesce:
    hour = now - HOUR
    resumed = Coalesce(OuterRef("activated_at"), Value(hour), output_field=DateTimeField())
    published = Coalesce(OuterRef("published__published_at"), Value(hour), output_field=DateTimeField())
    rows = Run.objects.filter(
        workflow=OuterRef("pk"), ended_at__gte=hour, is_test=False, status__in=statuses
    ).filter(ended_at__gte=resumed)
    return _count(rows.filter(ended_at__gte=published).order_by())
