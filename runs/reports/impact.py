"""What workflows were worth, and what was missed while they were off: the former counted, the latter estimated."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from runs.monitoring.figures import Figures
from runs.monitoring.sums import as_text
from workflows.models import Workflow

MISSED: Final = ("paused", "not running", "expired")
"""Reasons of Skipped: it was paused or not running, or the trigger was held until its time ran out."""
CENTS: Final = Decimal("0.01")


def missed(each: Mapping[int, Figures], workflows: Mapping[int, Workflow], *, named: int) -> dict[str, Any]:
    """Triggers that started nothing because a workflow was off, by reason, and by workflow, most first."""
    reasons, by_workflow = Counter[str](), Counter[int]()
    for pk, found in each.items():
        for reason in MISSED:
            reasons[reason] += found.skipped_reasons.get(reason, 0)
        by_workflow[pk] = missed_of(found)
    return {
        "triggers": reasons.total(),
        "reasons": {reason: reasons[reason] for reason in MISSED},
        "workflows": [
            {
                "workflow": pk,
                "name": workflows[pk].name if pk in workflows else f"#{pk}",
                "scope": workflows[pk].scope.name if pk in workflows else "",
                "triggers": count,
            }
            for pk, count in by_workflow.most_common(named)
            if count
        ],
    }


def missed_of(found: Figures) -> int:
    """How many triggers of these figures were missed."""
    return sum(found.skipped_reasons.get(reason, 0) for reason in MISSED)


def impact(totals: Figures, each: Mapping[int, Figures], before: Mapping[int, Figures]) -> dict[str, Any]:
    """Minutes saved and values recorded; and, as an estimate, those of the missed triggers.

    A missed trigger is taken for a run that would have been worth what the same workflow's runs were worth on average in
    this period, failures included; without any in it, in the period before. `not_estimated` counts the missed triggers
    of workflows that ran in neither.
    """
    minutes, values, unknown = 0.0, defaultdict[str, Decimal](Decimal), 0
    for pk, found in each.items():
        count = missed_of(found)
        model = next((one for one in (found, before.get(pk)) if one and one.finished), None)
        if not count or model is None:
            unknown += count
            continue
        minutes += count * model.minutes / model.finished
        for unit, value in model.values.items():
            values[unit] += count * value / model.finished
    return {
        "minutes_saved": round(totals.minutes, 1),
        "values": _texts(totals.values.items()),
        "missed": {
            "is_estimate": True,
            "minutes": round(minutes, 1),
            "values": _texts((unit, value.quantize(CENTS)) for unit, value in values.items()),
            "not_estimated": unknown,
        },
    }


def _texts(values: Iterable[tuple[str, Decimal]]) -> dict[str, str]:
    return {unit: as_text(value) for unit, value in sorted(values) if value}
