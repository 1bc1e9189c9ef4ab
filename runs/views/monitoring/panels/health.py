"""Whether the system itself is well, in one sentence: workers, schedulers, queue, broker, database."""

from collections.abc import Iterator
from typing import Any, Final

from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from runs.doctor import Diagnosis, broker, database, processes, work
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row

# A server that is silent is not asked by everybody who looks.
BROKER_KEY: Final = "monitoring-broker"
BROKER_SECONDS: Final = 10
LEVELS: Final = {"error": 2, "warning": 1, "ok": 0}


def facts() -> list[Diagnosis]:
    """What the doctor sees at once; what takes him seconds is left to `manage.py doctor`."""
    return [*database.answers(), *processes.alive(), *work.lag(), *_broker()]


def _broker() -> list[Diagnosis]:
    known: list[Diagnosis] | None = cache.get(BROKER_KEY)
    if known is None:
        known = list(broker.answers())
        cache.set(BROKER_KEY, known, BROKER_SECONDS)
    return known


def build(asked: Asked) -> dict[str, Any]:
    found = facts()
    wrong = sorted((one for one in found if one.level != "ok"), key=lambda one: -LEVELS[one.level])
    tone = {2: "red", 1: "amber"}.get(max((LEVELS[one.level] for one in found), default=0), "green")
    return {
        "facts": [one for one in found if one.level == "ok"],
        "wrong": wrong,
        "tone": tone,
        "sentence": _said(wrong),
    }


def _said(wrong: list[Diagnosis]) -> str:
    if not wrong:
        return _("Everything runs.")
    return ngettext("%(n)d thing needs attention.", "%(n)d things need attention.", len(wrong)) % {
        "n": len(wrong)
    }


def rows(asked: Asked) -> Iterator[Row]:
    yield ("name", "level", "message", "fix")
    for one in facts():
        yield (one.name, one.level, one.message, one.fix)


PANEL: Final = Panel(
    "health",
    gettext_lazy("Health of the system"),
    "runs/monitoring/_health.html",
    build,
    rows,
    is_wide=True,
    is_live=True,
)
