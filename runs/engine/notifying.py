"""PostgreSQL's own bell: NOTIFY wakes a worker that LISTENs, within milliseconds and without polling.

One worker listens at a time: with several, each accepted run would wake all of them for nothing. Who listens holds an
advisory lock on its listening connection, so that another takes its place as soon as that connection ends.
"""

import logging
import threading
from collections.abc import Callable

import psycopg
from django.db import connection

CHANNEL = "signalbox_wake"
# Any number that no other user of the database locks.
LISTENER_LOCK = 7_309_453_112_688
LOOK_SECONDS = 1.0

logger = logging.getLogger(__name__)
_notifier = threading.local()


def notify() -> None:
    """Tell the listening worker, on a connection of the calling thread's own; raises psycopg.Error.

    A statement of its own after the commit: inside the transaction, NOTIFY makes commits wait for one another.
    """
    bell = getattr(_notifier, "connection", None)
    if bell is None or bell.closed:
        bell = _notifier.connection = connect()
    bell.execute(f"NOTIFY {CHANNEL}")


def connect() -> "psycopg.Connection[tuple[object, ...]]":
    """A connection of its own to Django's database, in autocommit."""
    parameters = connection.get_connection_params()
    wanted = (
        "host",
        "port",
        "dbname",
        "user",
        "password",
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "service",
    )
    return psycopg.connect(
        **{name: parameters[name] for name in wanted if parameters.get(name)},
        autocommit=True,
        connect_timeout=5,
    )


class Listener(threading.Thread):
    """Calls `wake` for each notice while it is its turn to listen; keeps trying while the database is away."""

    def __init__(self, wake: Callable[[], object]) -> None:
        super().__init__(name="listener", daemon=True)
        self.stopping = threading.Event()
        self.wake = wake

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                with connect() as ear:
                    self._listen(ear)
            except psycopg.Error:
                logger.warning(
                    "Notices of the database cannot be heard; the pump rings meanwhile.", exc_info=True
                )
                self.stopping.wait(LOOK_SECONDS)

    def _listen(self, ear: "psycopg.Connection[tuple[object, ...]]") -> None:
        while not self._is_mine(ear):
            if self.stopping.wait(LOOK_SECONDS):
                return
        ear.execute(f"LISTEN {CHANNEL}")
        self.wake()
        while not self.stopping.is_set():
            for _notice in ear.notifies(timeout=LOOK_SECONDS, stop_after=1):
                self.wake()

    def _is_mine(self, ear: "psycopg.Connection[tuple[object, ...]]") -> bool:
        row = ear.execute("SELECT pg_try_advisory_lock(%s)", [LISTENER_LOCK]).fetchone()
        return bool(row and row[0])
