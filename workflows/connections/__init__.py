"""External systems, as the engine, the checks and the verbs see them; their changes are in workflows/services/."""

from workflows.connections.credentials import ConnectionAccess, access_for, secret_texts
from workflows.connections.health import test, test_all
from workflows.connections.usage import of_workflow, states_for, usable_in, used_by, used_by_each, used_in

__all__ = [
    "ConnectionAccess",
    "access_for",
    "of_workflow",
    "secret_texts",
    "states_for",
    "test",
    "test_all",
    "usable_in",
    "used_by",
    "used_by_each",
    "used_in",
]
