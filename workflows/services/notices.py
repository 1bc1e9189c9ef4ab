"""The door to notices: `raise_()` tells of an incident, `close()` ends it (docs/notifications.md).

Both belong into the transaction of the change that they tell; the scheduler delivers afterwards.
"""

from workflows.notices.outbox import close, close_all, raise_, raise_for

__all__ = ["close", "close_all", "raise_", "raise_for"]
