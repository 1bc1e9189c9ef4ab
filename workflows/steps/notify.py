"""`notify`: posts a text to a chat."""

import json
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.liquid.text import as_text
from workflows.outgoing import OutgoingRequest
from workflows.steps.base import (
    ConnectionAccess,
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

DISCORD_HOSTS = (".discord.com", ".discordapp.com")
LONGEST = {"content": 2_000, "text": 20_000}
"""Characters that a chat takes; a longer text is cut."""


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

    def perform(self, step: NotifyStep, params: dict[str, Any], context: StepContext) -> Done:
        access = context.connection(as_text(params["connection"]))
        field = "content" if _is_discord(access) else "text"
        text = as_text(params["text"])[: LONGEST[field]]
        headers = {
            "Content-Type": "application/json",
            **access.headers,
            "Idempotency-Key": context.idempotency_key,
        }
        request = OutgoingRequest(
            method="POST",
            url=access.base_url,
            headers=headers,
            content=json.dumps({field: text}).encode("ascii"),
            timeout=context.timeout,
            credential_headers=frozenset(access.headers),
        )
        answer = read_answer(perform_request(request, context), Expected(["200-299"]))
        return Done({"connection": access.name, "status": answer["status"]})

    def simulate(self, step: NotifyStep, params: dict[str, Any], context: StepContext) -> Done:
        return Done(
            {"simulated": True, "connection": as_text(params["connection"]), "text": as_text(params["text"])}
        )

    def on_crash(self, step: NotifyStep) -> OnCrash:
        return step.on_crash or "ask"

    def describe(self, step: NotifyStep) -> str:
        return step.connection

    def connection_name(self, step: NotifyStep) -> str:
        return step.connection

    def problems(self, step: NotifyStep) -> Iterator[Problem]:
        if not step.text.strip():
            yield Problem("text", _("There is no text to post."), _("Write a text."))
        if not step.connection:
            yield Problem("connection", _("The step names no connection."), _("Choose a chat connection."))


def _is_discord(access: ConnectionAccess) -> bool:
    host = urlsplit(access.base_url).hostname or ""
    return access.kind == "discord" or f".{host}".endswith(DISCORD_HOSTS)


register(NotifyKind())
