"""The embedded worker's ear: receives doorbell datagrams and passes them to the in-process broker."""

import logging
import socket
import sys
import threading
from collections.abc import Callable

from runs.engine import doorbell

logger = logging.getLogger(__name__)

LONGEST = 100


class Ear(threading.Thread):
    """Listens on the first free address; without one (another system, all taken) the pump's polling remains."""

    def __init__(self, on_ring: Callable[[str], object]) -> None:
        super().__init__(name="doorbell", daemon=True)
        self.stopping = threading.Event()
        self.on_ring = on_ring
        self.socket = self._bound()

    def _bound(self) -> socket.socket | None:
        if sys.platform != "linux":
            return None
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for slot in range(doorbell.SLOTS):
            try:
                ear.bind(doorbell.address(slot))
            except OSError:
                continue
            ear.settimeout(1)
            return ear
        ear.close()
        return None

    def run(self) -> None:
        while self.socket is not None and not self.stopping.is_set():
            try:
                self.on_ring(self.socket.recv(LONGEST).decode("ascii", "replace"))
            except TimeoutError:
                continue
            except OSError:
                logger.exception("The doorbell's socket failed; the pump goes on ringing.")
                break
        if self.socket is not None:
            self.socket.close()
