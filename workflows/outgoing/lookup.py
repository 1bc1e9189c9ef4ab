"""Name lookup with a deadline.

The system's lookup has no timeout, so it runs in a thread of its own. The thread is a daemon: one that hangs
delays neither the request nor the end of the process. Requests for the same name share a lookup under way,
so that a hanging name costs one thread.
"""

import socket
import threading

from django.utils.translation import gettext as _

from config.failpoints import failpoint
from workflows.outgoing.deadline import Deadline
from workflows.outgoing.errors import DeadlineReached, OutgoingFailed
from workflows.outgoing.targets import literal_addresses

AT_ONCE = 64

_under_way: dict[str, "_Lookup"] = {}
_lock = threading.Lock()


class _Lookup(threading.Thread):
    def __init__(self, host: str) -> None:
        super().__init__(name="name-lookup", daemon=True)
        self.host = host
        self.found: list[str] = []

    def run(self) -> None:
        failpoint("lookup")
        try:
            entries = socket.getaddrinfo(self.host, None, type=socket.SOCK_STREAM)
            self.found = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except (OSError, UnicodeError):
            self.found = []
        finally:
            with _lock:
                _under_way.pop(self.host, None)


def addresses(host: str, deadline: Deadline) -> list[str]:
    """Every address of the host, in the system's order, at least one.

    Raises OutgoingFailed `dns_failed`, and DeadlineReached when the answer does not come in time.
    """
    literal = literal_addresses(host)
    if literal:
        return literal
    lookup = _start_or_join(host)
    lookup.join(deadline.remaining())
    if lookup.is_alive():
        raise DeadlineReached
    if not lookup.found:
        raise OutgoingFailed(
            "dns_failed", _("The name %(host)s could not be found. Check its spelling.") % {"host": host}
        )
    return lookup.found


def _start_or_join(host: str) -> _Lookup:
    with _lock:
        if host in _under_way:
            return _under_way[host]
        if len(_under_way) >= AT_ONCE:
            raise OutgoingFailed(
                "dns_failed", _("Too many name lookups are waiting for an answer. Try again later.")
            )
        lookup = _Lookup(host)
        lookup.start()
        _under_way[host] = lookup
        return lookup
