"""A step's context without an engine: keeps what a step asked for and answers as told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from workflows.outgoing import OutgoingFailed, OutgoingRequest, OutgoingResponse
from workflows.steps.base import BaseStep, ConnectionAccess, EmailMessageData, Outcome, StepError, kinds

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = "0123.step"


@dataclass
class FakeContext:
    """Connections by name; `answer` answers every request, or raises it."""

    names: Mapping[str, Any] = field(default_factory=dict)
    connections: Mapping[str, ConnectionAccess] = field(default_factory=dict)
    answer: OutgoingResponse | Exception | Callable[[OutgoingRequest], OutgoingResponse] | None = None
    mail_problem: OutgoingFailed | None = None
    now: datetime = NOW
    idempotency_key: str = KEY
    attempt: int = 1
    timeout: float = 10.0
    simulated: bool = False
    requests: list[OutgoingRequest] = field(default_factory=list)
    messages: list[EmailMessageData] = field(default_factory=list)
    started: list[tuple[str, Any]] = field(default_factory=list)

    def connection(self, name: str) -> ConnectionAccess:
        if name not in self.connections:
            raise StepError(f"no {name}", code="unknown_connection")
        return self.connections[name]

    def request(self, request: OutgoingRequest) -> OutgoingResponse:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        if callable(self.answer):
            return self.answer(request)
        return self.answer or answered(200)

    def send_email(self, message: EmailMessageData) -> None:
        if self.mail_problem:
            raise self.mail_problem
        self.messages.append(message)

    def start_workflow(self, reference: str, payload: Any) -> str:
        self.started.append((reference, payload))
        return "run-1"


def answered(status: int, content: bytes = b"", *, cut: bool = False, **headers: str) -> OutgoingResponse:
    """An answer; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return OutgoingResponse(status, named, content, cut, "https://crm.example/")


def access(
    name: str = "crm", base_url: str = "https://crm.example/api", kind: str = "http", **headers: str
) -> ConnectionAccess:
    """A connection ready for use."""
    return ConnectionAccess(name, kind, base_url, headers)


def make(kind: str, **fields: Any) -> BaseStep:
    """A step of that kind, validated."""
    return kinds()[kind].model.model_validate({"id": "step", "kind": kind, **fields})


def perform(context: FakeContext, kind: str, **fields: Any) -> Outcome:
    """Render and perform a step as the engine does."""
    step = make(kind, **fields)
    return kinds()[kind].perform(step, kinds()[kind].render(step, context.names), context)


def simulate(context: FakeContext, kind: str, **fields: Any) -> Outcome:
    """Render and simulate a step as the engine does in a test run."""
    step = make(kind, **fields)
    return kinds()[kind].simulate(step, kinds()[kind].render(step, context.names), context)
