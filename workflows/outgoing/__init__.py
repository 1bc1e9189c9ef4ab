"""Requests to the outside: the only way out, for every part of the project."""

from workflows.outgoing.client import is_stuck, send
from workflows.outgoing.errors import EgressRefused, HostBusy, OutgoingFailed
from workflows.outgoing.exchange import OutgoingRequest, OutgoingResponse
from workflows.outgoing.targets import check_url

__all__ = [
    "EgressRefused",
    "HostBusy",
    "OutgoingFailed",
    "OutgoingRequest",
    "OutgoingResponse",
    "check_url",
    "is_stuck",
    "send",
]
