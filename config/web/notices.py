"""What every page says at its top while something concerns the whole installation: filled by apps in `ready()`."""

from collections.abc import Callable

Notice = Callable[[], str]

_notices: list[Notice] = []


def register(notice: Notice) -> None:
    """Add one: a function that gives a sentence, or "" while there is nothing to say. Repeating does nothing."""
    if notice not in _notices:
        _notices.append(notice)


def standing() -> list[str]:
    """The sentences to show now."""
    return [sentence for notice in _notices if (sentence := notice())]
