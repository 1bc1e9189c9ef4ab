"""Counts out of the database: what is folded and what is not yet, in one statement and so of one moment."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import BigIntegerField, Case, CharField, F, Model, Q, QuerySet, TextField, Value, When
from django.db.models import Sum as Total
from django.db.models.functions import Cast, Concat

from runs.models import Level, RunStatus, ScopeTally, StepTally, Tally, TallyEntry
from runs.models.tally import of_removed
from runs.monitoring.steps import attempts_of_entries
from runs.monitoring.sums import RUN_NUMBERS, STEP_NUMBERS, Sum
from runs.monitoring.windows import Window
from runs.statements.snapshot import snapshot

Key = tuple[Any, ...]
TEXTS: Final = ("durations", "skipped_reasons", "recorded")
_EMPTY: Final = Value("", output_field=TextField())
_ZERO: Final = Value(0, output_field=BigIntegerField())


@dataclass(frozen=True)
class Choice:
    """Whose runs: of these workflows (ids, or a queryset), of these scopes (without those inside); None: of all."""

    workflows: "Collection[int] | QuerySet[Any] | None" = None
    scopes: "Collection[int] | QuerySet[Any] | None" = None

    @property
    def condition(self) -> Q:
        """As a condition on any tally."""
        condition = Q()
        if self.workflows is not None:
            condition &= Q(workflow__in=self.workflows)
        if self.scopes is not None:
            condition &= Q(scope__in=self.scopes)
        return condition


def run_counts(
    window: Window, by: Key, choice: Choice, *, within: Level | None = None, with_texts: bool
) -> Iterator[tuple[Key, Sum]]:
    """Sums by `by` (of start, workflow, version, trigger_kind, scope), a key maybe more than once; one query.

    Without `with_texts` durations, reasons and values are left out, and the database adds up. Counts coarser than
    `within` are not used: a chart by day needs days.
    """
    model = ScopeTally if choice.workflows is None and not {"workflow", "version"} & set(by) else Tally
    parts = [
        _folded(model, stretch, by, choice, RUN_NUMBERS, TEXTS if with_texts else ())
        for stretch in window.stretches(within=within)
    ]
    parts += [_unfolded(window, by, choice), _unfolded_values(window, by, choice)]
    for row in _together(parts):
        found = Sum()
        found.numbers.update(dict(zip(RUN_NUMBERS, row[len(by) :], strict=False)))
        if with_texts:
            _read_texts(found, *row[-3:])
        yield row[: len(by)], found


def step_counts(
    window: Window, choice: Choice, *, only: Q | None = None, with_texts: bool
) -> Iterator[tuple[Key, Sum]]:
    """Sums of attempts by workflow and step id, a key maybe more than once; two queries of one moment."""
    by, only = ("workflow", "step_id"), only or Q()
    parts = [
        _folded(StepTally, stretch, by, choice, STEP_NUMBERS, TEXTS[:1] if with_texts else ()).filter(only)
        for stretch in window.stretches()
    ]
    entries = TallyEntry.objects.filter(choice.condition, at__gte=window.start, at__lt=window.end)
    with snapshot():
        attempts, rows = list(attempts_of_entries(entries.order_by(), by, only)), list(_together(parts))
    yield from attempts
    for row in rows:
        found = Sum()
        found.numbers.update(dict(zip(STEP_NUMBERS, row[2:], strict=False)))
        found.read_texts(row[-3], "", "")
        yield row[:2], found


def _together(parts: list[QuerySet[Any, Any]]) -> Iterator[Key]:
    first, *others = parts
    return iter(first.union(*others, all=True) if others else first)


def _folded(
    model: type[Model],
    stretch: tuple[Level, Any, Any],
    by: Key,
    choice: Choice,
    numbers: tuple[str, ...],
    texts: tuple[str, ...],
) -> QuerySet[Any, Any]:
    level, start, end = stretch
    rows = model._default_manager.filter(choice.condition, level=level, start__gte=start, start__lt=end)
    if model is not ScopeTally:
        rows = rows.filter(of_removed(False))
    none = {f"no_{name}": _EMPTY for name in TEXTS if name not in texts}
    names = [name if name in texts else f"no_{name}" for name in TEXTS]
    if texts:
        return rows.order_by().annotate(**none).values_list(*by, *numbers, *names)
    sums = {f"sum_{name}": Cast(Total(name), BigIntegerField()) for name in numbers}
    grouped = rows.order_by().annotate(one=Value(1)).values("one", *by).annotate(**sums, **none)
    return grouped.values_list(*by, *sums, *names)


def _entries(window: Window, choice: Choice) -> QuerySet[TallyEntry]:
    entries = TallyEntry.objects.filter(choice.condition, at__gte=window.start, at__lt=window.end)
    return entries.order_by().annotate(start=F("at"))


def _unfolded(window: Window, by: Key, choice: Choice) -> QuerySet[Any, Any]:
    kinds = _entries(window, choice).values(*by, "status", "reason", "bucket")
    runs = Cast(Total("runs"), BigIntegerField())
    sums: dict[str, Any] = {
        f"sum_{status}": Case(When(status=status, then=runs), default=_ZERO)
        for status in (RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SKIPPED)
    }
    sums |= {f"sum_{name}": Cast(Total(name), BigIntegerField()) for name in ("milliseconds", "saved")}
    number = Cast(runs, CharField())
    bucket = Concat(Cast("bucket", CharField()), Value(":"), number, output_field=TextField())
    reason = Concat(F("reason"), Value(":"), number, output_field=TextField())
    texts = {
        "text_durations": Case(When(bucket__isnull=False, then=bucket), default=_EMPTY),
        "text_reasons": Case(When(status=RunStatus.SKIPPED, then=reason), default=_EMPTY),
        "text_recorded": _EMPTY,
    }
    return kinds.annotate(**sums, **texts).values_list(*by, *sums, *texts)


def _unfolded_values(window: Window, by: Key, choice: Choice) -> QuerySet[Any, Any]:
    """What the runs of single entries recorded, each as "how often value unit"."""
    rows = _entries(window, choice).filter(run__values__isnull=False)
    text = Concat(
        Cast("runs", CharField()), Value(" "), Cast("run__values__value", CharField()), Value(" "),
        F("run__values__unit"), output_field=TextField(),
    )  # fmt: skip
    zeros = {f"sum_{name}": _ZERO for name in RUN_NUMBERS}
    empty = {"text_durations": _EMPTY, "text_reasons": _EMPTY}
    return rows.annotate(**zeros, **empty, text=text).values_list(*by, *zeros, *empty, "text")


def _read_texts(found: Sum, durations: str, reasons: str, recorded: str) -> None:
    if recorded and not recorded.startswith("{"):
        _record(found, recorded)
        recorded = ""
    found.read_texts(durations, reasons, recorded)


def _record(found: Sum, text: str) -> None:
    times, value, unit = text.split(" ", 2)
    found.record(unit, int(times) * Decimal(value))
