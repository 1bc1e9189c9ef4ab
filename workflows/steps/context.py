"""What the engine hands to a step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from workflows.definition.json_values import Json
from workflows.outgoing import OutgoingRequest, OutgoingResponse


@dataclass(frozen=True)
class ConnectionAccess:
    """A connection ready for use; `headers` hold its credentials and must be neither logged nor put out."""

    name: str
    kind: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class EmailMessageData:
    """One message; the same `key` gives the same Message-ID on every attempt."""

    to: tuple[str, ...]
    subject: str
    key: str
    cc: tuple[str, ...] = ()
    text: str = ""
    html: str = ""
    reply_to: str = ""


class StepContext(Protocol):
    """The step's only way to the outside; `simulated` says that this is a test run."""

    @property
    def names(self) -> Mapping[str, Json]:
        """What templates and conditions may read."""

    @property
    def idempotency_key(self) -> str:
        """`<run id>.<step id>[.<item>]`, the same on every attempt of this step."""

    @property
    def attempt(self) -> int:
        """Which try this is; the first is 1."""

    @property
    def now(self) -> datetime:
        """The database's time, aware, UTC."""

    @property
    def timeout(self) -> float:
        """Seconds that this attempt may take."""

    @property
    def simulated(self) -> bool:
        """Whether nothing outside may be touched."""

    def connection(self, name: str) -> ConnectionAccess:
        """The connection of that name; raises a permanent StepError where there is none."""

    def request(self, request: OutgoingRequest) -> OutgoingResponse:
        """The answer, of whatever status; raises OutgoingFailed."""

    def send_email(self, message: EmailMessageData) -> None:
        """Hand a message to the mail server; raises OutgoingFailed."""

    def start_workflow(self, reference: str, payload: Json) -> str:
        """The id of the run started, the same again when repeated; raises StepError."""
