"""Working through a batch so that one broken item never stops the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)

Item = TypeVar("Item")


def one_by_one(items: Iterable[Item], work: Callable[[Item], int]) -> int:
    """The sum of what `work` gives; an item that raises is logged and counts nothing.

    A database that cannot be reached raises: it would fail for every other item too.
    """
    count = 0
    for item in items:
        try:
            count += work(item)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # whatever one item does, the others must have their turn
            logger.exception("%s failed for %s.", getattr(work, "__name__", work), item)
    return count
