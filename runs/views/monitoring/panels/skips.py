"""Occurrences that were skipped, by reason: what was missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.models import RunStatus
from runs.run_words import REASONS
from runs.views.monitoring import links, words
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row


@dataclass(frozen=True)
class Skip:
    """How many were skipped for one reason; `share` is the width of a bar."""

    reason: str
    sentence: str
    count: int
    share: str
    href: str


def build(asked: Asked) -> dict[str, Any]:
    total = asked.totals
    found = sorted(total.skipped_reasons.items(), key=lambda pair: -pair[1])
    most = max((n for _reason, n in found), default=1)
    return {
        "skips": [_skip(asked, reason, n, most) for reason, n in found],
        "sentence": _sentence(total.skipped, total.total),
    }


def _skip(asked: Asked, reason: str, count: int, most: int) -> Skip:
    said = str(REASONS.get((RunStatus.SKIPPED, reason), ""))
    # Without a reason no filter means exactly these.
    href = links.runs(asked, [RunStatus.SKIPPED], also={"reason": reason}) if reason else ""
    return Skip(reason or _("without a reason"), said, count, f"{100 * count / most:.1f}%", href)


def _sentence(skipped: int, total: int) -> str:
    if not skipped:
        return _("Nothing was skipped in this time.")
    return _("%(share)s of what came in was skipped.") % {"share": words.percent(skipped / total)}


def rows(asked: Asked) -> Iterator[Row]:
    yield ("reason", "skipped")
    yield from sorted(asked.totals.skipped_reasons.items())


PANEL: Final = Panel("skips", gettext_lazy("Skipped, by reason"), "runs/monitoring/_skips.html", build, rows)
