"""Inputs and outputs as a page shows them: text, its first 4 kB, then more, then a download."""

from dataclasses import dataclass
from typing import Any, Final

from runs.documents import stored_value
from runs.engine.journal import CUT
from runs.intake.json_text import readable
from runs.models import Run, StepAttempt
from runs.run_words import Text

SHOWN_FIRST: Final = 4096
SHOWN_AT_MOST: Final = 256 * 1024


@dataclass(frozen=True)
class Value:
    """One value. `name` is its word in addresses, `text` what is shown, `size` how much there is in characters.

    `is_stored_cut`: the engine had kept its beginning only.
    """

    name: str
    label: Text
    text: str
    size: int
    is_stored_cut: bool = False

    @property
    def is_cut(self) -> bool:
        return len(self.text) < self.size

    @property
    def has_more(self) -> bool:
        """Whether the page can show more of it."""
        return self.is_cut and len(self.text) < SHOWN_AT_MOST


def whole_text(stored: str) -> str:
    """The stored JSON text for people; a text stays what it is."""
    value = stored_value(stored)
    return value if isinstance(value, str) and not stored.startswith('"') else readable(value)


def shown(name: str, label: Text, text: str, *, whole: bool) -> Value:
    """A value of which the beginning is shown, or as much as a page can bear."""
    limit = SHOWN_AT_MOST if whole else SHOWN_FIRST
    return Value(name, label, text[:limit], len(text))


def of_attempt(attempt: StepAttempt, name: str, label: Text, *, whole: bool) -> Value | None:
    """The `input` or `output` of an attempt; None where there is none."""
    stored = getattr(attempt, name)
    if stored in ("", "null"):
        return None
    found = shown(name, label, whole_text(stored), whole=whole)
    return Value(found.name, found.label, found.text, found.size, is_stored_cut=stored.startswith(CUT))


def payload_of(run: Run) -> tuple[str, Any]:
    """What the trigger brought: its name (`body` or `data`) and the value; an empty name for nothing."""
    given = stored_value(run.input)
    for name in ("body", "data"):
        if isinstance(given, dict) and name in given:
            return name, given[name]
    return "", None
