"""`notify`: posts a text to a chat."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.liquid.text import as_text
from workflows.outgoing.chat import chat_request
from workflows.steps.base import (
    Done,
    OnCrash,
    OutsideStep,
    Problem,
    StepContext,
    StepKind,
    register,
)
from workflows.steps.http_answer import Expected, read_answer
from workflows.steps.http_message import perform_request
from workflows.words import Words


class NotifyStep(OutsideStep):
    """`connection` names a chat webhook (Slack, Teams, Discord and what is compatible with them)."""

    kind: Literal["notify"]
    connection: str = Field("chat", max_length=100)
    text: str = Field("", max_length=20_000)


class NotifyKind(StepKind):
    kind = "notify"
    label = gettext_lazy("Notify")
    summary = gettext_lazy("Posts a text to a chat.")
    icon = "message-square"
    model = NotifyStep
    acts_outside = True
    fields = {
        "connection": Words(
            gettext_lazy("Connection"), gettext_lazy("A chat webhook."), suggest="connections"
        ),
        "text": Words(gettext_lazy("Text")),
    }

    def perform(self, step: NotifyStep, params: dict[str, Any], context: StepContext) -> Done:
        access = context.connection(as_text(params["connection"]))
        request = chat_request(
            access.base_url,
            as_text(params["text"]),
            kind=access.kind,
            key=context.idempotency_key,
            headers=access.headers,
            timeout=context.timeout,
        )
        answer = read_answer(perform_request(request, context), Expected(["200-299"]))
        return Done({"connection": access.name, "status": answer["status"]})

    def simulate(self, step: NotifyStep, params: dict[str, Any], context: StepContext) -> Done:
        return Done(
            {"simulated": True, "connection": as_text(params["connection"]), "text": as_text(params["text"])}
        )

    def on_crash(self, step: NotifyStep) -> OnCrash:
        return step.on_crash or "ask"

    def outputs(self, step: NotifyStep) -> Sequence[str]:
        return ("connection", "status")

    def describe(self, step: NotifyStep) -> str:
        return step.connection

    def connection_name(self, step: NotifyStep) -> str:
        return step.connection

    def problems(self, step: NotifyStep) -> Iterator[Problem]:
        if not step.text.strip():
            yield Problem("text", _("There is no text to post."), _("Write a text."))
        if not step.connection:
            yield Problem("connection", _("The step names no connection."), _("Choose a chat connection."))


register(NotifyKind())
