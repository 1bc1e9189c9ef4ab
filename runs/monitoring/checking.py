"""Whether the tallies say what the runs say: `verify` tells each difference, `rebuild` mends it.

What retention removed is kept in tallies of its own, so that both stay exact when the runs are gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Max, Min, Model, Q

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.models import Level, Run, ScopeTally, StepTally, Tally, TallyBook, TallyEntry
from runs.models.tally import of_removed
from runs.monitoring import folding
from runs.monitoring.comparing import Comparison
from runs.monitoring.folding import RUN_KEY, SCOPE_KEY, STEP_KEY, Key, Sums
from runs.monitoring.keeping import is_kept
from runs.monitoring.recounting import counted, recount_runs, recount_steps
from runs.monitoring.sums import Sum
from runs.monitoring.windows import next_start, start_of, workspace_zone
from runs.statements.snapshot import frozen, snapshot
from workflows.models import Workflow

TOGETHER: Final = 2_000
"""About how many runs are counted in one transaction of a rebuild: on SQLite everybody else waits for it."""
MOST_WORKFLOWS: Final = 500
SUBJECT: Final = Subject("installation", "", "Signalbox")


@dataclass(frozen=True)
class Portion:
    """Some workflows' runs that ended from `start` on and before `end`, both beginnings of months; None: at any time."""

    workflows: tuple[int, ...]
    start: datetime | None = None
    end: datetime | None = None

    def rows(self, model: type[Model], *, removed: bool) -> Any:
        """The tallies of these runs."""
        rows = model._default_manager.filter(of_removed(removed), workflow__in=self.workflows)
        return rows.filter(_within("start", self.start, self.end))

    @property
    def entries(self) -> Any:
        """What is not folded yet."""
        return TallyEntry.objects.filter(_within("at", self.start, self.end), workflow__in=self.workflows)

    def counted(self, line: str) -> Q:
        """The runs themselves; `line` is the way to them."""
        return counted(line, self.workflows, self.start, self.end)


def _within(name: str, start: datetime | None, end: datetime | None) -> Q:
    condition = Q() if start is None else Q(**{f"{name}__gte": start})
    return condition if end is None else condition & Q(**{f"{name}__lt": end})


def is_due() -> bool:
    """Whether figures were never counted since they are kept, or days and months are those of another zone."""
    return not TallyBook.objects.filter(zone=settings.TIME_ZONE, counted_at__isnull=False).exists()


def rebuild_if_due() -> bool:
    """Count what ran before figures were kept, once; whether it was to be done."""
    if not is_due():
        return False
    rebuild()
    return True


def verify() -> Comparison:
    """Recount everything and compare, as of one moment; nobody waits for it, and nothing is written."""
    comparison = Comparison()
    with snapshot():
        for portion in portions():
            for model, names, expected in _expected(portion):
                comparison.note(model, names, expected, _found(portion, model))
        for start, end in days():
            comparison.note(
                ScopeTally, SCOPE_KEY, _expected_of_scopes(start, end), _found_of_scopes(start, end)
            )
    return comparison


def rebuild() -> Comparison:
    """Mend what differs, portion by portion; what closes meanwhile is counted as ever. Gives what was mended.

    Audited where anything was. After it nothing is left to do until the zone is changed.
    """
    comparison = Comparison()
    for portion in portions():
        with frozen():
            folding.fold_these(portion.entries)
            for model, names, expected in _expected(portion):
                if not comparison.note(model, names, expected, _found(portion, model)):
                    portion.rows(model, removed=False).delete()
                    folding.add(model, expected, names)
    for start, end in days():
        with frozen():
            expected = _expected_of_scopes(start, end)
            if not comparison.note(ScopeTally, SCOPE_KEY, expected, _found_of_scopes(start, end)):
                ScopeTally.objects.filter(_within("start", start, end)).delete()
                folding.add(ScopeTally, expected, SCOPE_KEY)
    with change():
        folding.lock_book()
        TallyBook.objects.update(zone=settings.TIME_ZONE, counted_at=stamp())
        if comparison.differing:
            after = {"rows": comparison.compared, "mended": comparison.differing}
            record(AuditWord.FIGURES_REBUILT, SUBJECT, after=after)
    return comparison


def _expected(portion: Portion) -> Iterator[tuple[type[Model], Key, Sums]]:
    """What the tallies of a portion should be: what the runs say, and what was removed."""
    runs = recount_runs(portion.counted(""), portion.counted("run__"))
    for model, names, sums in (
        (Tally, RUN_KEY, runs),
        (StepTally, STEP_KEY, recount_steps(portion.counted("run__"))),
    ):
        removed = folding.stored(model, portion.rows(model, removed=True))
        yield model, names, _kept(_added(folding.levelled(sums), removed))


def _found(portion: Portion, model: type[Model]) -> Sums:
    pending = folding.runs_of(portion.entries) if model is Tally else folding.steps_of(portion.entries)
    return _kept(_added(folding.levelled(pending), folding.stored(model, portion.rows(model, removed=False))))


def _expected_of_scopes(start: datetime, end: datetime) -> Sums:
    """The sums of all workflows' tallies that begin in a day."""
    rows = Tally.objects.filter(of_removed(False), _within("start", start, end))
    sums: Sums = {}
    for (level, begin, _workflow, scope, _version, kind), one in folding.stored(Tally, rows).items():
        sums.setdefault((level, begin, scope, kind), Sum()).add(one)
    return _kept(sums)


def _found_of_scopes(start: datetime, end: datetime) -> Sums:
    return _kept(folding.stored(ScopeTally, ScopeTally.objects.filter(_within("start", start, end))))


def _added(sums: Sums, more: Sums) -> Sums:
    for key, one in more.items():
        sums.setdefault(key, Sum()).add(one)
    return sums


def _kept(sums: Sums) -> Sums:
    """Without what is so old that counts of its level are no longer kept."""
    return {key: one for key, one in sums.items() if is_kept(Level(key[0]), key[1])}


def portions() -> Iterator[Portion]:
    """Everything in portions of about TOGETHER runs: several workflows, or the months of a busy one."""
    ended = Run.objects.filter(is_test=False, ended_at__isnull=False).order_by()
    found = ended.values_list("workflow").annotate(n=Count("pk"), first=Min("ended_at"), last=Max("ended_at"))
    counts = {pk: (n, first, last) for pk, n, first, last in found}
    some: list[int] = []
    together = 0
    for pk in Workflow.objects.order_by("pk").values_list("pk", flat=True):
        n, first, last = counts.get(pk, (0, None, None))
        if n > TOGETHER:
            yield from _by_month(pk, first, last)
            continue
        if together + n > TOGETHER or len(some) == MOST_WORKFLOWS:
            yield Portion(tuple(some))
            some, together = [], 0
        some.append(pk)
        together += n
    if some:
        yield Portion(tuple(some))


def _by_month(workflow: int, first: datetime, last: datetime) -> Iterator[Portion]:
    zone = workspace_zone()
    start = start_of(first, Level.MONTH, zone)
    yield Portion((workflow,), None, start)
    while start <= last:
        end = next_start(start, Level.MONTH, zone)
        yield Portion((workflow,), start, end)
        start = end
    yield Portion((workflow,), start, None)


def days() -> Iterator[tuple[datetime, datetime]]:
    """The days for which there are tallies; those of a month begin with its first day."""
    zone = workspace_zone()
    bounds = [
        model._default_manager.aggregate(first=Min("start"), last=Max("start"))
        for model in (Tally, ScopeTally)
    ]
    firsts = [one["first"] for one in bounds if one["first"] is not None]
    if not firsts:
        return
    start, last = start_of(min(firsts), Level.DAY, zone), max(one["last"] for one in bounds if one["last"])
    while start <= last:
        end = next_start(start, Level.DAY, zone)
        yield start, end
        start = end
