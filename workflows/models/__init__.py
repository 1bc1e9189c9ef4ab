"""The door to the models: scopes and people, workflows and versions, triggers, connections, receipts."""

from workflows.lifecycle import Cause, Status
from workflows.models.connection import Connection
from workflows.models.people import Membership, Token
from workflows.models.receipt import Receipt
from workflows.models.scope import Scope
from workflows.models.trigger import Trigger
from workflows.models.version import Version
from workflows.models.workflow import Workflow
from workflows.roles import Role

__all__ = [
    "Cause",
    "Connection",
    "Membership",
    "Receipt",
    "Role",
    "Scope",
    "Status",
    "Token",
    "Trigger",
    "Version",
    "Workflow",
]
