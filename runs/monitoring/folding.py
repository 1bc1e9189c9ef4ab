"""The fold: entries of the ledger become tallies, in portions of one transaction each. It changes no sum.

Whoever changes tallies holds the book's row; closing transactions only insert entries and never wait for it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Model, QuerySet

from runs.models import Level, RunStatus, ScopeTally, StepTally, Tally, TallyBook, TallyEntry
from runs.monitoring.steps import attempts_of_entries
from runs.monitoring.sums import RUN_NUMBERS, STEP_NUMBERS, Sum
from runs.monitoring.windows import start_of, workspace_zone

PORTION: Final = 500

Key = tuple[Any, ...]
Sums = dict[Key, Sum]
RUN_KEY: Final = ("start", "workflow_id", "scope_id", "version", "trigger_kind")
STEP_KEY: Final = ("start", "workflow_id", "scope_id", "step_id")
SCOPE_KEY: Final = ("start", "scope_id", "trigger_kind")
KEYS: Final[dict[type[Model], Key]] = {Tally: RUN_KEY, StepTally: STEP_KEY, ScopeTally: SCOPE_KEY}


def fold() -> int:
    """Move one portion of the oldest entries into the tallies; gives how many, 0 when none is left."""
    if not TallyEntry.objects.exists():
        return 0
    with transaction.atomic():
        lock_book()
        ids = list(TallyEntry.objects.order_by("pk").values_list("pk", flat=True)[:PORTION])
        fold_these(TallyEntry.objects.filter(pk__in=ids))
    return len(ids)


def fold_these(entries: "QuerySet[TallyEntry]") -> None:
    """Move entries into the tallies, in the transaction of a caller who holds the book."""
    ids = list(entries.values_list("pk", flat=True))
    for start in range(0, len(ids), PORTION):
        portion = TallyEntry.objects.filter(pk__in=ids[start : start + PORTION])
        add_runs(runs_of(portion))
        add_steps(steps_of(portion))
        portion.delete()


def keep_folding() -> bool:
    """`fold` as the scheduler's duty: whether so much is left that it should be done again at once."""
    return fold() == PORTION


def lock_book() -> TallyBook:
    """The one row, locked until the transaction ends: nobody else changes tallies meanwhile."""
    TallyBook.objects.get_or_create(pk=1)
    return TallyBook.objects.select_for_update().get(pk=1)


def runs_of(entries: Any) -> Sums:
    """What entries count, by RUN_KEY with quarter-hours."""
    sums: Sums = {}
    for row in entries.values():
        key = (row["at"], row["workflow_id"], row["scope_id"], row["version"], row["trigger_kind"])
        one = sums.setdefault(key, Sum())
        one.numbers.update({row["status"]: row["runs"]})
        one.numbers.update(milliseconds=row["milliseconds"], saved=row["saved"])
        if row["bucket"] is not None:
            one.durations[row["bucket"]] += row["runs"]
        if row["status"] == RunStatus.SKIPPED:
            one.reasons[row["reason"]] += row["runs"]
    values = entries.filter(run__values__isnull=False).annotate(start=F("at"))
    for *key, times, unit, value in values.values_list(
        *RUN_KEY, "runs", "run__values__unit", "run__values__value"
    ):
        sums[tuple(key)].record(unit, times * value)
    return sums


def steps_of(entries: Any) -> Sums:
    """The attempts of the runs that entries name, by STEP_KEY with quarter-hours."""
    sums: Sums = {}
    for key, one in attempts_of_entries(entries, STEP_KEY):
        sums.setdefault(key, Sum()).add(one)
    return sums


def add_runs(sums: Sums, *, removed: bool = False) -> None:
    """Add counts of quarter-hours to the tallies of every level and, unless they tell what was removed, of scopes."""
    add(Tally, levelled(sums), RUN_KEY, removed=removed)
    if not removed:
        add(ScopeTally, levelled(by_scope(sums)), SCOPE_KEY)


def add_steps(sums: Sums, *, removed: bool = False) -> None:
    """The same for steps."""
    add(StepTally, levelled(sums), STEP_KEY, removed=removed)


def by_scope(sums: Sums) -> Sums:
    """The sums of all workflows of each scope, by SCOPE_KEY."""
    scopes: Sums = {}
    for (start, _workflow, scope, _version, trigger_kind), one in sums.items():
        scopes.setdefault((start, scope, trigger_kind), Sum()).add(one)
    return scopes


def levelled(sums: Sums, levels: Iterable[Level] = Level) -> Sums:
    """Counts of quarter-hours as counts of each level, which stands before the key."""
    zone = workspace_zone()
    found: Sums = {}
    for level in levels:
        starts = {start: start_of(start, level, zone) for start in {key[0] for key in sums}}
        for (start, *rest), one in sums.items():
            found.setdefault((level, starts[start], *rest), Sum()).add(one)
    return found


def add(model: type[Model], sums: Sums, names: Key, *, removed: bool = False) -> None:
    """Add to the rows of a model, which are made where they are missing; the sums then are those of the rows."""
    own = {} if model is ScopeTally else {"removed": removed}
    for key, one in stored(model, _standing(model, sums, own)).items():
        if key in sums:
            sums[key].add(one)
    model._default_manager.bulk_create(
        list(_rows(model, sums, names, own)),
        batch_size=500,
        update_conflicts=True,
        unique_fields=["level", *names, *own],
        update_fields=list(Sum().step_fields() if model is StepTally else Sum().run_fields()),
    )


def stored(model: type[Model], rows: "QuerySet[Any]") -> Sums:
    """What rows of a model hold, by level and the model's key."""
    names, numbers = KEYS[model], STEP_NUMBERS if model is StepTally else RUN_NUMBERS
    sums: Sums = {}
    for row in rows.values().iterator():
        one = sums[(row["level"], *(row[name] for name in names))] = Sum()
        one.read(row, numbers)
    return sums


def _standing(model: type[Model], sums: Sums, own: dict[str, bool]) -> "QuerySet[Any]":
    """The rows that may be among those meant: all of these levels, beginnings and workflows."""
    levels, starts = {key[0] for key in sums}, {key[1] for key in sums}
    rows = model._default_manager.filter(level__in=levels, start__in=starts, **own)
    return rows if model is ScopeTally else rows.filter(workflow__in={key[2] for key in sums})


def _rows(model: type[Model], sums: Sums, names: Key, own: dict[str, bool]) -> Iterator[Model]:
    for (level, *rest), one in sorted(sums.items()):
        fields = one.step_fields() if model is StepTally else one.run_fields()
        yield model(level=level, **dict(zip(names, rest, strict=True)), **own, **fields)
