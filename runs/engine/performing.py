"""What the engine hands to a step: its names, its key, its time, and the only ways out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from runs.engine import busy, starting
from runs.intake.depths import HEADER
from runs.models import Run
from workflows import connections
from workflows.definition.json_values import Json
from workflows.outgoing import HostBusy, OutgoingRequest, OutgoingResponse, send
from workflows.outgoing.mail import send_email
from workflows.secrets import Redactor
from workflows.steps.context import ConnectionAccess, EmailMessageData
from workflows.steps.http_message import over


@dataclass(frozen=True)
class Performing:
    """One attempt's context (workflows.steps.context.StepContext)."""

    run: Run
    names: Mapping[str, Json]
    idempotency_key: str
    attempt: int
    now: datetime
    timeout: float
    simulated: bool
    redactor: Redactor

    def connection(self, name: str) -> ConnectionAccess:
        """The connection, its credentials known to the redactor; raises StepError."""
        scope = self.run.workflow.scope
        self.redactor.add(*connections.secret_texts(name, scope))
        access = connections.access_for(name, scope)
        self.redactor.add(*access.headers.values())
        return access

    def request(self, request: OutgoingRequest) -> OutgoingResponse:
        """Through the one guarded client, telling how deep this run lies; raises OutgoingFailed."""
        headers = over(request.headers, {HEADER: str(self.run.depth)})
        try:
            return send(replace(request, headers=headers))
        except HostBusy as refused:
            busy.remember(str(self.run.pk), refused.host)
            raise

    def send_email(self, message: EmailMessageData) -> None:
        """Through the configured mail server; raises OutgoingFailed."""
        send_email(
            to=list(message.to),
            cc=list(message.cc),
            subject=message.subject,
            text=message.text,
            html=message.html,
            reply_to=message.reply_to,
            key=message.key,
        )

    def start_workflow(self, reference: str, payload: Json) -> str:
        """Start a child run once per idempotency key; raises StepError."""
        return starting.start_child(self.run, reference, payload, key=self.idempotency_key)
