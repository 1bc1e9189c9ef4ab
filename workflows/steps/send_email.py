"""`send_email`: sends one message."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.definition.json_values import Json
from workflows.definition.liquid.text import as_text
from workflows.outgoing import OutgoingFailed
from workflows.steps.base import (
    Done,
    EmailMessageData,
    OnCrash,
    OutsideStep,
    Problem,
    StepContext,
    StepError,
    StepKind,
    register,
)
from workflows.words import Words

Addresses = str | list[str]


class SendEmailStep(OutsideStep):
    """`to` and `cc` are addresses, in a list or with commas between; `text`, `html` or both."""

    kind: Literal["send_email"]
    to: Addresses = ""
    cc: Addresses = ""
    subject: str = Field("", max_length=2_000)
    text: str = ""
    html: str = ""
    reply_to: str = Field("", max_length=1_000)


class SendEmailKind(StepKind):
    kind = "send_email"
    label = gettext_lazy("Send e-mail")
    summary = gettext_lazy("Sends one message.")
    icon = "mail"
    model = SendEmailStep
    acts_outside = True
    escaped = frozenset({"html"})
    fields = {
        "to": Words(gettext_lazy("To"), gettext_lazy("Addresses with commas between.")),
        "cc": Words(gettext_lazy("Cc"), is_rare=True),
        "subject": Words(gettext_lazy("Subject")),
        "text": Words(gettext_lazy("Text")),
        "html": Words(gettext_lazy("HTML"), gettext_lazy("Values in it are escaped."), is_rare=True),
        "reply_to": Words(gettext_lazy("Reply to"), is_rare=True),
    }

    def perform(self, step: SendEmailStep, params: dict[str, Any], context: StepContext) -> Done:
        message = _message(params, context.idempotency_key)
        try:
            context.send_email(message)
        except OutgoingFailed as failed:
            raise StepError(failed.message, permanent=failed.permanent, code=failed.code) from failed
        return Done(_output(message))

    def simulate(self, step: SendEmailStep, params: dict[str, Any], context: StepContext) -> Done:
        return Done({"simulated": True, **_output(_message(params, context.idempotency_key))})

    def on_crash(self, step: SendEmailStep) -> OnCrash:
        return step.on_crash or "ask"

    def outputs(self, step: SendEmailStep) -> Sequence[str]:
        return ("to", "cc", "subject")

    def describe(self, step: SendEmailStep) -> str:
        return step.to if isinstance(step.to, str) else ", ".join(step.to)

    def problems(self, step: SendEmailStep) -> Iterator[Problem]:
        if not step.to:
            yield Problem("to", _("The message has no recipient."), _("Write at least one address."))
        if not step.subject.strip():
            yield Problem("subject", _("The message has no subject."), _("Write a subject."))
        if not step.text and not step.html:
            yield Problem("text", _("The message has no text."), _("Write a text, or HTML."))


def _message(params: dict[str, Any], key: str) -> EmailMessageData:
    return EmailMessageData(
        to=_addresses(params["to"]),
        cc=_addresses(params["cc"]),
        subject=as_text(params["subject"]),
        text=as_text(params["text"]),
        html=as_text(params["html"]),
        reply_to=as_text(params["reply_to"]),
        key=key,
    )


def _addresses(given: Json) -> tuple[str, ...]:
    texts = given if isinstance(given, list) else as_text(given).split(",")
    return tuple(address.strip() for address in map(as_text, texts) if address.strip())


def _output(message: EmailMessageData) -> dict[str, Any]:
    return {"to": list(message.to), "cc": list(message.cc), "subject": message.subject}


register(SendEmailKind())
