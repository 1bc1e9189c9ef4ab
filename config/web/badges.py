"""Status badges: shape, word and colour, always all three. Apps fill the register in `ready()`."""

from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

Tone = Literal["green", "amber", "blue", "red", "grey", "muted"]
Edge = Literal["filled", "solid", "dashed"]


@dataclass(frozen=True)
class Badge:
    """How a status looks. `icon` is a lucide name or a file of templates/ui/icons; `turns` lets it rotate."""

    label: str | Promise
    icon: str
    tone: Tone
    edge: Edge = "solid"
    turns: bool = False


_badges: dict[str, Badge] = {}


def register(badges: dict[str, Badge]) -> None:
    """Add badges by the stored word of their status. Another look under a taken word raises."""
    for word, badge in badges.items():
        if _badges.setdefault(word, badge) != badge:
            raise ImproperlyConfigured(f"Two badges are registered for the status {word!r}.")


def badge(word: str) -> Badge:
    """The badge of a status. A word nobody registered is shown as it is, in grey."""
    return _badges.get(word) or Badge(word, "circle", "grey")
