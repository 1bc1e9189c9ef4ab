"""Two callers who make the same thing at the same moment."""

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError

T = TypeVar("T")


def once_more(act: Callable[[], T]) -> T:
    """Perform a change; when a twin made the same row first, perform again, which then finds it.

    `act` must open its own `change()`, so that what failed is rolled back before the second try.
    """
    try:
        return act()
    except IntegrityError:
        return act()
