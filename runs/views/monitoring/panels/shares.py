"""One workflow by version, and by kind of trigger."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.models import RunStatus
from runs.monitoring import figures
from runs.monitoring.figures import Figures
from runs.run_words import trigger_labels
from runs.views.monitoring import links, words
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row
from runs.views.monitoring.told import Told
from workflows.models import Version


@dataclass(frozen=True)
class Share(Told):
    """The part of the runs that have something in common."""

    @property
    def half(self) -> str:
        return words.milliseconds(self.figures.durations.percentile(50))


def _links(asked: Asked, **what: object) -> dict[str, str]:
    statuses = (RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SKIPPED)
    return {status.value: links.runs(asked, [status], also=what) for status in statuses}


def versions(asked: Asked) -> dict[str, Any]:
    """The newest version first; occurrences for which none was chosen come last."""
    found = figures.by_version(asked.window, **asked.choice)
    numbers = dict(Version.objects.filter(pk__in=found).values_list("pk", "number"))
    known = sorted((numbers[pk], pk) for pk in found if pk in numbers)
    shares = [
        Share(_("Version %(n)d") % {"n": number}, found[pk], _links(asked, version=number))
        for number, pk in reversed(known)
    ]
    others = sum((one for pk, one in found.items() if pk not in numbers), Figures())
    if others.total:
        shares.append(Share(_("No version chosen"), others, {}))
    return {"shares": shares, "head": _("Version")}


def version_rows(asked: Asked) -> Iterator[Row]:
    found = figures.by_version(asked.window, **asked.choice)
    numbers = dict(Version.objects.filter(pk__in=found).values_list("pk", "number"))
    yield ("version", *HEAD)
    for pk, one in found.items():
        yield (numbers.get(pk, ""), *_line(one))


def triggers(asked: Asked) -> dict[str, Any]:
    """The kind that starts most comes first."""
    labels = trigger_labels()
    found = sorted(figures.by_trigger(asked.window, **asked.summed).items(), key=lambda pair: -pair[1].total)
    return {
        "shares": [
            Share(str(labels.get(kind, kind)), one, _links(asked, trigger=kind) if kind in labels else {})
            for kind, one in found
        ],
        "head": _("Trigger"),
    }


def trigger_rows(asked: Asked) -> Iterator[Row]:
    yield ("trigger", *HEAD)
    for kind, one in figures.by_trigger(asked.window, **asked.summed).items():
        yield (kind, *_line(one))


HEAD: Final = ("success", "failed", "cancelled", "skipped", "success_ratio", "p50_ms", "p95_ms")


def _line(one: Figures) -> tuple[object, ...]:
    counts = (one.success, one.failed, one.cancelled, one.skipped)
    return (*counts, one.ratio, one.durations.percentile(50), one.durations.percentile(95))


TEMPLATE: Final = "runs/monitoring/_shares.html"
VERSIONS: Final = Panel(
    "versions", gettext_lazy("By version"), TEMPLATE, versions, version_rows, is_wide=True, needs_one=True
)
TRIGGERS: Final = Panel(
    "triggers", gettext_lazy("By trigger"), TEMPLATE, triggers, trigger_rows, is_wide=True, needs_one=True
)
