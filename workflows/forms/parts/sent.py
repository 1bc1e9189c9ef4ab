"""What a browser sent for the fields of a part."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from workflows.definition.json_text import TextRefused, load_json
from workflows.editing.paths import ABSENT
from workflows.forms.parts.showing import plain, shown_value

PREFIX: Final = "f."
"""Begins the name of every control, so that fields cannot be taken for what else a form sends."""


@dataclass(frozen=True)
class Problem:
    """A value that could not be read: why, and what was typed."""

    message: str
    typed: str


Problems = dict[str, Problem]


class Sent:
    """The values by the paths of their fields; `problems` gathers what could not be read."""

    def __init__(self, data: MultiValueDict[str, str]) -> None:
        self._data = data
        self.problems: Problems = {}

    def has(self, path: str) -> bool:
        """Whether the form had this field."""
        return PREFIX + path in self._data

    def text(self, path: str) -> str | None:
        """What was typed or chosen; None where the form had no such field. Of a tick, the last of its two values."""
        return plain(str(self._data[PREFIX + path])) if self.has(path) else None

    def all(self, path: str) -> list[str]:
        """Everything that was ticked."""
        return [plain(text) for text in self._data.getlist(PREFIX + path)]

    def places(self, path: str) -> list[int]:
        """The numbers of the rows that the form had."""
        count = self.text(f"{path}.rows") or ""
        return list(range(min(int(count), 1_000))) if count.isascii() and count.isdigit() else []

    def value(self, path: str, old: Any, *, spread: bool = False) -> Any:
        """Text or JSON as the person said; `old` where it was left alone, or where the JSON cannot be read."""
        text = self.text(path)
        kind = self.text(f"{path}.as") or "text"
        if text is None or (kind, text) == shown_value(old, spread=spread):
            return old
        if kind == "none":
            return self._unwritten(text, old)
        return self._json(path, text, old) if kind == "json" else text

    def _unwritten(self, text: str, old: Any) -> Any:
        # Whoever types without choosing a type means text.
        return text if text and old is ABSENT else ABSENT

    def _json(self, path: str, text: str, old: Any) -> Any:
        try:
            return load_json(text)
        except TextRefused as refused:
            message = _("%(why)s Choose “Text” to keep it as text.") % {"why": refused}
            self.problems[path] = Problem(message, text)
            return old
