"""Adding counts up: one sum for runs and one for steps alike, and how it stands in a row."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

RUN_NUMBERS: Final = ("success", "failed", "cancelled", "skipped", "milliseconds", "saved")
STEP_NUMBERS: Final = ("attempts", "failed", "milliseconds")


def packed(counts: Mapping[Any, int]) -> str:
    """Counts as "key:n" with commas between, ordered, without those that are 0."""
    return ",".join(f"{key}:{n}" for key, n in sorted(counts.items()) if n)


def unpacked(text: str) -> Counter[str]:
    """The counts that `packed` wrote."""
    return Counter({key: int(n) for key, _, n in (part.rpartition(":") for part in text.split(",") if part)})


@dataclass
class Sum:
    """Numbers by the name of their column, durations by bucket, reasons of Skipped, values by unit."""

    numbers: Counter[str] = field(default_factory=Counter)
    durations: Counter[int] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    recorded: dict[str, Decimal] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether everything in it is zero."""
        kept = (self.numbers, self.durations, self.reasons, self.recorded)
        return not any(any(counts.values()) for counts in kept)

    def add(self, other: "Sum") -> None:
        """Add another sum to this one."""
        for name, n in other.numbers.items():
            self.numbers[name] += n
        for bucket, n in other.durations.items():
            self.durations[bucket] += n
        for reason, n in other.reasons.items():
            self.reasons[reason] += n
        for unit, value in other.recorded.items():
            self.record(unit, value)

    def record(self, unit: str, value: Decimal) -> None:
        """Add a value that a step recorded."""
        self.recorded[unit] = self.recorded.get(unit, Decimal(0)) + value

    def read(self, row: Mapping[str, Any], names: tuple[str, ...]) -> None:
        """Add what a tally's row holds."""
        for name in names:
            self.numbers[name] += row[name]
        self.read_texts(row.get("durations", ""), row.get("skipped_reasons", ""), row.get("recorded", ""))

    def read_texts(self, durations: str, reasons: str, recorded: str) -> None:
        """Add what the texts of a tally's row hold."""
        for bucket, n in unpacked(durations).items():
            self.durations[int(bucket)] += n
        for reason, n in unpacked(reasons).items():
            self.reasons[reason] += n
        if recorded:
            for unit, value in json.loads(recorded).items():
                self.record(unit, Decimal(value))

    def run_fields(self) -> dict[str, Any]:
        """The columns of a row that counts runs."""
        values = {unit: as_text(value) for unit, value in sorted(self.recorded.items()) if value}
        return {
            **{name: self.numbers[name] for name in RUN_NUMBERS},
            "durations": packed(self.durations),
            "skipped_reasons": packed(self.reasons),
            "recorded": json.dumps(values, ensure_ascii=False) if values else "",
        }

    def step_fields(self) -> dict[str, Any]:
        """The columns of a row that counts attempts."""
        return {
            **{name: self.numbers[name] for name in STEP_NUMBERS},
            "durations": packed(self.durations),
        }


def as_text(value: Decimal) -> str:
    """A sum of values in one way only, whatever the places of what was added: without exponent and idle zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
