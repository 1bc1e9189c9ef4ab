"""What bench/figures.py found: what `metrics verify` said each time, what the tallies count, and all of it as text."""

import io
import json
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from django.core.management import CommandError, call_command
from django.db.models import F, QuerySet, Sum

from bench.figures_people import OUTSIDE
from runs.models import Level, Run, StepTally, Tally
from runs.monitoring.sums import unpacked

OUTCOMES = ("success", "failed", "cancelled", "skipped")
CLOSED = F("success") + F("failed") + F("cancelled") + F("skipped")


@dataclass
class Verified:
    """What the command said, and how many runs there were to recount; `removed`: whose rows retention had taken."""

    when: str
    runs: int
    removed: int
    seconds: float
    told: dict[str, Any]

    @property
    def text(self) -> str:
        verdict = "exact" if self.told["ok"] else f"WRONG: {self.told['differing']} rows differ"
        return (
            f"| {self.when} | {self.runs:,} | {self.removed:,} | {self.told['compared']:,} "
            f"| {self.seconds:.1f} | {verdict} |"
        )


@dataclass
class Found:
    """Everything of one load. `taken`: what senders were told was taken; `counted`: of it by the tallies in the end."""

    stack: str
    seed: int
    seconds: float = 0.0
    turns: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    taken: int = 0
    counted: int = 0
    left_open: int = 0
    pruned: list[tuple[int, float]] = field(default_factory=list)
    verified: list[Verified] = field(default_factory=list)

    @property
    def closed(self) -> int:
        return sum(self.outcomes.values())

    @property
    def is_right(self) -> bool:
        """Whether every recount agreed, the senders' own count too, and nothing hangs."""
        exact = all(one.told["ok"] for one in self.verified)
        return exact and self.taken == self.counted and not self.left_open

    @property
    def document(self) -> dict[str, Any]:
        """The same as JSON can hold it."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            **told,
            "closed": self.closed,
            "is_right": self.is_right,
            "verified": [vars(one) for one in self.verified],
        }

    def count(self) -> None:
        """Read what the tallies say of the whole time; nothing may wait to be folded."""
        rows = months()
        self.outcomes = {name: rows.aggregate(n=Sum(name))["n"] or 0 for name in OUTCOMES}
        self.kinds = dict(rows.values_list("trigger_kind").annotate(n=Sum(CLOSED)).order_by("trigger_kind"))
        self.counted = sum(self.kinds.get(kind, 0) for kind in OUTSIDE)
        reasons: Counter[str] = Counter()
        for text in rows.exclude(skipped_reasons="").values_list("skipped_reasons", flat=True):
            reasons += unpacked(text)
        self.reasons = dict(reasons)
        self.values = {
            "workflows": rows.values("workflow").distinct().count(),
            "versions": rows.values("version").distinct().count(),
            "scopes": rows.values("scope").distinct().count(),
            "minutes saved": (rows.aggregate(n=Sum("saved"))["n"] or 0) // 60_000,
            "EUR": int(sum(Decimal(json.loads(text)["EUR"]) for text in _recorded(rows))),
            "attempts outside": StepTally.objects.filter(level=Level.MONTH, removed=False).aggregate(
                n=Sum("attempts")
            )["n"]
            or 0,
        }

    def verify(self, when: str) -> None:
        """Ask the command, as an operator would."""
        out, begun = io.StringIO(), time.monotonic()
        with suppress(CommandError):  # that a figure is wrong, which the document says better
            call_command("metrics", "verify", "--json", stdout=out)
        took = time.monotonic() - begun
        removed = months(removed=True).aggregate(n=Sum(CLOSED))["n"] or 0
        rows = Run.objects.filter(is_test=False).count()
        self.verified.append(Verified(when, rows, removed, took, json.loads(out.getvalue())))

    @property
    def text(self) -> str:
        """For a page, the verdict last."""
        plain = {
            name: ", ".join(f"{key} {n:,}" for key, n in one.items()) for name, one in self._parts().items()
        }
        pruned = ", ".join(f"{n:,} in {seconds:.0f} s" for n, seconds in self.pruned)
        lines = [
            f"{self.closed:,} runs closed on {self.stack} in {self.seconds:,.0f} s, seed {self.seed}, {self.turns} turns.",
            "",
            *(f"- {name}: {said}" for name, said in plain.items()),
            f"- taken of senders {self.taken:,}, counted of them {self.counted:,}; still open {self.left_open}",
            f"- removed by retention: {pruned}",
            "",
            "| metrics verify | Runs | Removed before | Rows compared | s | Verdict |",
            "|---|---|---|---|---|---|",
            *(one.text for one in self.verified),
            "",
            f"Verdict: {'exact' if self.is_right else 'WRONG'}.",
        ]
        return "\n".join(lines)

    def _parts(self) -> dict[str, dict[str, int]]:
        return {
            "outcomes": self.outcomes,
            "skipped by reason": self.reasons,
            "kinds of trigger": self.kinds,
            "answers to senders": dict(self.answers),
            "counted over": self.values,
            "people": dict(sorted(self.people.items())),
        }


def months(*, removed: bool = False) -> "QuerySet[Tally]":
    """The tallies of whole months: they stay for good, and all together count every run once."""
    return Tally.objects.filter(level=Level.MONTH, removed=removed).order_by()


def _recorded(rows: "QuerySet[Tally]") -> "QuerySet[Tally, str]":
    return rows.exclude(recorded="").values_list("recorded", flat=True)
