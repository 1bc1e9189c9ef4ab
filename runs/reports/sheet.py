"""A report's document in words and numbers for people: what page, print sheet and mail show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.web import time
from runs.reports.chart import Bar, bars_of
from runs.reports.words import day_of, length, parse_moment, percent, points, seconds, share, tone

SHOWN: Final = 5
REASONS: Final = {
    "paused": gettext_lazy("paused"),
    "not running": gettext_lazy("not running"),
    "expired": gettext_lazy("held until their time ran out"),
}
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Card:
    """One number of the head: its label, the change to the period before, and whether that is good, bad or neither."""

    label: str
    value: str
    change: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Sheet:
    """A report as it is shown."""

    document: Document
    zone: ZoneInfo

    @classmethod
    def of(cls, document: Document) -> "Sheet":
        """The sheet of a document, its times in the zone that it was made for."""
        return cls(document, ZoneInfo(document["zone"]))

    @property
    def heading(self) -> str:
        kinds = {"weekly": _("Weekly report"), "monthly": _("Monthly report")}
        return f"{kinds[self.document['kind']]}: {self.document['title']}"

    @property
    def subject(self) -> str:
        return f"{self.heading}, {self.document['scope']['name']}"

    @property
    def days(self) -> str:
        """From the first to the last day."""
        last = self._moment("to") - timedelta(microseconds=1)
        return _("%(first)s to %(last)s") % {"first": day_of(self._moment("from")), "last": day_of(last)}

    @property
    def made(self) -> str:
        with timezone.override(self.zone):
            return time.human(self._moment("made_at"))

    @property
    def cards(self) -> list[Card]:
        """The four numbers that matter, each against the period before."""
        now, then, change = self.document["figures"], self.document["before"], self.document["change"]
        finished = now["success"] + now["failed"]
        return [
            Card(_("Runs"), f"{now['runs']:,}", share(change["runs"])),
            Card(_("Success"), percent(now["ratio"]), points(change["ratio"]), tone(change["ratio"]))
            if finished >= 20 or not finished
            else Card(_("Success"), _("%(n)d of %(of)d") % {"n": now["success"], "of": finished}),
            Card(
                _("95 % took at most"), length(now["p95_ms"]), share(change["p95"]), tone(change["p95"], -1)
            ),
            Card(_("Failed"), f"{now['failed']:,}", _before(then["failed"])),
        ]

    @property
    def sentence(self) -> str:
        """How the period went, in one sentence."""
        now = self.document["figures"]
        if not now["runs"]:
            return _("Nothing ran.")
        runs = ngettext("%(n)s run", "%(n)s runs", now["runs"]) % {"n": f"{now['runs']:,}"}
        failed = _("%(runs)s, of which %(failed)s failed and %(cancelled)s were cancelled.")
        return failed % {
            "runs": runs,
            "failed": f"{now['failed']:,}",
            "cancelled": f"{now['cancelled']:,}",
        }

    @property
    def bars(self) -> list[Bar]:
        """The days as stacked bars, failures at the foot."""
        return bars_of(self.document["days"], self.document["scope"]["ref"], self.zone)

    @property
    def table(self) -> list[dict[str, Any]]:
        """The days with all that was counted, and where these runs are."""
        return [
            {**day, "label": bar.label, "failed_runs": bar.failed_runs, "success_runs": bar.success_runs}
            for day, bar in zip(self.document["days"], self.bars, strict=True)
        ]

    @property
    def busiest(self) -> int:
        """Runs of the busiest day: the height of the chart."""
        return max((day["success"] + day["failed"] for day in self.document["days"]), default=0)

    @property
    def worst(self) -> list[dict[str, Any]]:
        return [
            {**one, "share": percent(one["ratio"]), "p95": length(one["p95_ms"])}
            for one in self.document["worst_workflows"][:SHOWN]
        ]

    @property
    def failing_steps(self) -> list[dict[str, Any]]:
        return [_step(one) for one in self.document["steps"]["most_failing"][:SHOWN]]

    @property
    def slowest_steps(self) -> list[dict[str, Any]]:
        return [_step(one) for one in self.document["steps"]["slowest"][:SHOWN]]

    @property
    def paused(self) -> str:
        return seconds(self.document["standing"]["paused_seconds"])

    @property
    def not_running(self) -> str:
        return seconds(self.document["standing"]["not_running_seconds"])

    @property
    def longest_paused(self) -> list[dict[str, Any]]:
        found = self.document["standing"]["longest_paused"][:SHOWN]
        return [{**one, "time": seconds(one["seconds"])} for one in found]

    @property
    def missed_by_reason(self) -> list[tuple[str, int]]:
        reasons = self.document["missed"]["reasons"]
        return [(str(REASONS.get(reason, reason)), count) for reason, count in reasons.items() if count]

    @property
    def missed_workflows(self) -> list[dict[str, Any]]:
        return list(self.document["missed"]["workflows"][:SHOWN])

    @property
    def versions(self) -> list[dict[str, Any]]:
        return [
            {**one, "at": day_of(parse_moment(one["published_at"]).astimezone(self.zone))}
            for one in self.document["versions"]["newest"][:SHOWN]
        ]

    @property
    def worth(self) -> list[str]:
        """Minutes saved and values recorded."""
        found = self.document["impact"]
        return _worth(found["minutes_saved"], found["values"])

    @property
    def missed_worth(self) -> list[str]:
        """The same of what was missed: an estimate."""
        found = self.document["impact"]["missed"]
        return _worth(found["minutes"], found["values"])

    def _moment(self, name: str) -> datetime:
        return parse_moment(self.document[name]).astimezone(self.zone)


def _before(count: int) -> str:
    return _("before: %(n)s") % {"n": f"{count:,}"}


def _step(one: Document) -> dict[str, Any]:
    return {**one, "mean": length(one["mean_ms"]), "p95": length(one["p95_ms"])}


def _worth(minutes: float, values: Mapping[str, str]) -> list[str]:
    saved = [_("%(time)s of work saved") % {"time": seconds(round(minutes * 60))}] if minutes else []
    return [*saved, *(f"{value} {unit}" for unit, value in values.items())]
