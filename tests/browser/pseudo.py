"""A language made while the tests run: every text that passes gettext comes back accented and two fifths longer.

What is shown without accents did not pass gettext, or is data.
"""

import re
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.utils.translation import trans_real

PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACCENTED = "àƀćđèƒĝħìĵķľɱñòþǫŕşţùṽŵẋýžÀƁĆĐÈƑĜĦÌĴĶĽṀÑÒÞǪŔŞŢÙṼŴẊÝŽ"
LETTERS = str.maketrans(PLAIN, ACCENTED)
# What stands for a value, is markup or an entity stays as it is.
HOLDER = re.compile(r"(%(?:\([^)]*\))?[0-9.]*[sdrif%]|\{[^}]*\}|<[^>]*>|&\w+;)")
MORE = 0.4
TAIL = "ľòñĝèŕ ŵòŕđş ţħàñ ìñ Èñĝľìşħ "


def accented(text: str) -> str:
    """The text in the made-up language, with its placeholders as they were."""
    parts = HOLDER.split(text)
    words = "".join(part if number % 2 else part.translate(LETTERS) for number, part in enumerate(parts))
    letters = len("".join(parts[::2]).strip())
    if not letters:
        return words
    missing = max(1, round(letters * MORE))
    filling = (TAIL * (missing // len(TAIL) + 1))[:missing]
    return f"{words.rstrip()} {filling.strip()}{words[len(words.rstrip()) :]}"


class Pseudo:
    """What Django takes for a loaded catalogue. `language` names it: its formats and its direction are used."""

    def __init__(self, language: str) -> None:
        self.name = language

    def to_language(self) -> str:
        return self.name

    def language(self) -> str:
        return self.name

    def gettext(self, message: str) -> str:
        # A context stands before its message.
        return accented(message.rpartition("\x04")[2])

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)


@pytest.fixture
def spoken(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Call it with a language, such as "de" or, from right to left, "he": from then on every page speaks it."""

    def speak(language: str) -> None:
        settings.LANGUAGE_CODE = language
        monkeypatch.setattr(trans_real, "_default", Pseudo(language))

    yield speak
