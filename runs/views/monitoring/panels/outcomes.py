"""Success and failure over time, with their ratio, the limits of the failure rule, and pauses."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web import time
from config.web.charts import BarChart, Bucket, Cell, Names, Rule, Shade, TimeAxis, Twin, bar_chart, peak
from runs.models import RunStatus
from runs.monitoring import figures
from runs.monitoring.figures import Figures
from runs.monitoring.removed import removed_by_bucket
from runs.summaries import RULE_ONE_IN
from runs.views.monitoring import links, words
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row
from runs.views.monitoring.remembered import remembered
from workflows.definition.compiled import compiled
from workflows.definition.findings import DefinitionRefused
from workflows.models import Status

# Two marks a bucket, at most 200 on a chart; side by side, the charts share the page.
MOST_BUCKETS: Final = 100
SIDE_BY_SIDE: Final = 24
NAMES: Final = Names(up=words.succeeded, down=words.failed)
STATUSES: Final = (RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SKIPPED)


class Stretch:
    """Some buckets of the window together, as one mark shows them."""

    def __init__(
        self, asked: Asked, buckets: list[tuple[datetime, datetime]], counted: Figures, removed: int
    ) -> None:
        self.asked, self.figures, self.removed = asked, counted, removed
        self.start, self.end = buckets[0][0], buckets[-1][1]
        self.label = words.stretch(self.start, self.end, asked.window.zone)

    def count(self, status: str) -> int:
        return int(getattr(self.figures, status))

    def href(self, status: str) -> str:
        return links.runs(self.asked, [status], start=self.start, end=self.end)

    def as_bucket(self) -> Bucket:
        return Bucket(
            start=self.start,
            end=self.end,
            label=self.label,
            up=self.figures.success,
            down=self.figures.failed,
            up_href=self.href(RunStatus.SUCCESS) if self.figures.success else "",
            down_href=self.href(RunStatus.FAILED) if self.figures.failed else "",
            ratio=words.telling_ratio(self.figures),
            note=words.removed(self.removed),
            is_unfinished=words.is_unfinished(self.end, self.asked.now),
        )

    def as_row(self) -> tuple[str, list[Cell]]:
        counts = [(status, self.count(status)) for status in STATUSES]
        cells = [Cell(f"{n:,}", self.href(status) if n else "") for status, n in counts]
        cells.insert(2, Cell(words.ratio(self.figures)))
        notes = [
            _("unfinished") if words.is_unfinished(self.end, self.asked.now) else "",
            words.removed(self.removed),
        ]
        return ", ".join(filter(None, [self.label, *notes])), cells


def stretches(asked: Asked, most: int) -> list[Stretch]:
    """The window in at most so many stretches of equally many buckets; two queries.

    What was removed is kept by workflow alone: a year of thousands of them is over a million rows.
    """
    counted = dict(figures.series(asked.window, **asked.summed))
    removed = remembered("removed", asked, lambda: removed_by_bucket(asked.window, **asked.choice))
    buckets = asked.window.buckets()
    size = -(-len(buckets) // most)
    return [
        Stretch(
            asked,
            group,
            sum((counted[start] for start, _end in group), Figures()),
            sum(removed.get(start, 0) for start, _end in group),
        )
        for group in (buckets[first : first + size] for first in range(0, len(buckets), size))
    ]


def build(asked: Asked) -> dict[str, Any]:
    found = stretches(asked, SIDE_BY_SIDE if asked.is_part else MOST_BUCKETS)
    buckets = [one.as_bucket() for one in found]
    total = sum((one.figures for one in found), Figures())
    shades = _pauses(asked)
    return {
        "chart": _drawn(asked, buckets, shades),
        "twin": Twin(
            [_("When it ended"), _("Succeeded"), _("Failed"), _("Success"), _("Cancelled"), _("Skipped")],
            [one.as_row() for one in found],
        ),
        "total": total,
        "ratio": words.ratio(total),
        "links": {status: links.runs(asked, [status]) for status in STATUSES},
        "sentence": _sentence(asked, total, buckets, shades),
        "shades": shades,
        "rules": _rules(asked),
    }


def _drawn(asked: Asked, buckets: list[Bucket], shades: list[Shade]) -> BarChart:
    axis = TimeAxis(asked.window.start, asked.window.end, asked.window.zone)
    note = _("Too few runs for a ratio")
    return bar_chart(buckets, axis, NAMES, rules=_rules(asked), shades=shades, ratio_note=note)


def _sentence(asked: Asked, total: Figures, buckets: list[Bucket], shades: list[Shade]) -> str:
    if not total.total:
        return _("No run ended in this time.")
    said = [_("%(n)s ended.") % {"n": words.runs(total.total)}, words.most(peak(buckets))]
    if shades:
        paused = sum((shade.end - shade.start for shade in shades[1:]), shades[0].end - shades[0].start)
        said.append(_("It was paused for %(time)s.") % {"time": time.duration(paused)})
    return " ".join(filter(None, said))


def _rules(asked: Asked) -> list[Rule]:
    """The level that warns; of one workflow, also the level at which its own rule acts."""
    warns = 1 - 1 / RULE_ONE_IN
    rules = [Rule(warns, _("warns below %(level)s") % {"level": words.percent(warns)})]
    own = _own_rule(asked)
    if own is not None:
        rules.append(Rule(own, _("pauses below %(level)s") % {"level": words.percent(own)}, "red"))
    return rules


def _own_rule(asked: Asked) -> float | None:
    """The share of successes below which the published version has the workflow paused; None where it does not."""
    version = asked.only.published if asked.only is not None else None
    try:
        rule = compiled(version.definition).definition.settings.failure_rule if version else None
    except DefinitionRefused:
        return None
    return 1 - rule.ratio if rule is not None and rule.action == "pause" else None


def _pauses(asked: Asked) -> list[Shade]:
    """The pauses of a workflow in the window; none where many are summed."""
    if asked.only is None:
        return []
    return [
        Shade(
            max(span.since, asked.window.start),
            min(span.until or asked.now, asked.window.end),
            _("Paused from %(start)s") % {"start": time.human(span.since)},
        )
        for span in figures.statuses(asked.window, [asked.only.pk])
        if span.status == Status.PAUSED
    ]


def rows(asked: Asked) -> Iterator[Row]:
    """One line a bucket, in UTC."""
    yield ("workflow", "start", "end", *STATUSES, "success_ratio", "removed")
    for part in asked.parts:
        removed = removed_by_bucket(part.window, **part.choice)
        counted = dict(figures.series(part.window, **part.summed))
        for start, end in part.window.buckets():
            one = counted[start]
            name = part.only.name if part.only else ""
            counts = [getattr(one, status) for status in STATUSES]
            yield (name, time.machine(start), time.machine(end), *counts, one.ratio, removed.get(start, 0))


PANEL: Final = Panel(
    "outcomes",
    gettext_lazy("Success and failure"),
    "runs/monitoring/_outcomes.html",
    build,
    rows,
    is_split=True,
    is_wide=True,
)
