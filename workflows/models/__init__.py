"""The door to the models: scopes, people, workflows and their parts, connections, maintenance, notices, spans of status."""

from workflows.lifecycle import Cause, Status
from workflows.models.connection import Connection
from workflows.models.maintenance import MaintenanceWindow, WindowPause
from workflows.models.notice import Channel, Notice, NoticeDelivery, NoticeKind, NoticeRecipient
from workflows.models.people import Membership, Token
from workflows.models.receipt import Receipt
from workflows.models.scope import Scope
from workflows.models.status_span import StatusSpan
from workflows.models.trigger import Trigger
from workflows.models.version import Version
from workflows.models.workflow import Workflow
from workflows.models.working_copy import WorkingCopy
from workflows.roles import Role

__all__ = [
    "Cause",
    "Channel",
    "Connection",
    "MaintenanceWindow",
    "Membership",
    "Notice",
    "NoticeDelivery",
    "NoticeKind",
    "NoticeRecipient",
    "Receipt",
    "Role",
    "Scope",
    "Status",
    "StatusSpan",
    "Token",
    "Trigger",
    "Version",
    "WindowPause",
    "Workflow",
    "WorkingCopy",
]
