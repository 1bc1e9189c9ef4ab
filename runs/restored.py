"""Whether this database is a restored copy that nobody confirmed: then nothing starts, and triggers get 503.

A process asks when it starts, and goes on asking only while the answer is yes: only `manage.py restore` makes a copy
wait, which it does while no process runs.
"""

import logging
import threading
from collections.abc import Callable

from django.utils.translation import gettext as _

from runs.models import Restoration

logger = logging.getLogger(__name__)

ASKED_EVERY = 1.0

_was_closed = False


def look() -> bool:
    """Ask the database now."""
    global _was_closed
    _was_closed = Restoration.objects.filter(confirmed_at=None).exists()
    return _was_closed


def is_closed() -> bool:
    """Whether nothing may start; asks the database only if that was so before."""
    return _was_closed and look()


def notice() -> str:
    """What every page says meanwhile, or ""."""
    if not is_closed():
        return ""
    return _(
        "This is a restored copy. No run starts and no trigger is accepted until it is confirmed: once the original has "
        "stopped, run manage.py restore --confirm"
    )


def wait_until_open(install_stop: Callable[[threading.Event], object]) -> bool:
    """Return True once there is nothing to confirm, at once in the usual case; False when told to stop before."""
    if not look():
        return True
    stopping = threading.Event()
    install_stop(stopping)
    logger.warning(_("This is a restored copy: nothing starts until manage.py restore --confirm."))
    while not stopping.wait(ASKED_EVERY):
        if not look():
            return True
    return False
