"""`webhook`: a request to an address of its own."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.triggers.base import INCOMPLETE, BaseTrigger, Part, Problem, TriggerKind, register
from workflows.words import Words

Preset = Literal["standard-webhooks", "github", "stripe", "slack", "hmac-sha256"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
BY_HAND = "hmac-sha256"


class Signature(Part):
    """How senders sign; `header`, `encoding` and `prefix` are for `hmac-sha256` only."""

    preset: Preset
    header: str = Field("", pattern=r"^[A-Za-z0-9-]{0,100}$")
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = Field("", max_length=40)


class WebhookTrigger(BaseTrigger):
    """`dedupe` says where the delivery id stands: `header:NAME` or `body:PATH`."""

    kind: Literal["webhook"]
    signature: Signature | None = None
    dedupe: str | None = Field(None, pattern=r"^(header:[A-Za-z0-9-]{1,100}|body:[^\x00-\x20]{1,200})$")
    methods: list[Method] = Field(["POST"], max_length=5)


class WebhookKind(TriggerKind):
    kind = "webhook"
    label = gettext_lazy("Webhook")
    summary = gettext_lazy("A request to an address of its own.")
    icon = "webhook"
    model = WebhookTrigger
    has_address = True
    payload_name = "body"
    fields = {
        "signature": Words(
            gettext_lazy("Signature"),
            gettext_lazy("How senders prove who they are. Its secret is set on the page of the workflow."),
        ),
        "signature.preset": Words(gettext_lazy("Scheme")),
        "signature.header": Words(gettext_lazy("Header"), gettext_lazy("For hmac-sha256 only.")),
        "signature.encoding": Words(gettext_lazy("Encoding"), gettext_lazy("For hmac-sha256 only.")),
        "signature.prefix": Words(gettext_lazy("Prefix"), gettext_lazy("For hmac-sha256 only.")),
        "dedupe": Words(
            gettext_lazy("Delivery id"),
            gettext_lazy("Where it stands: header:NAME or body:PATH. A repeated delivery starts nothing."),
        ),
        "methods": Words(gettext_lazy("Methods")),
    }

    def describe(self, trigger: WebhookTrigger) -> str:
        signed = trigger.signature.preset if trigger.signature else _("unsigned")
        return f"{', '.join(trigger.methods)} · {signed}"

    def needs_secret(self, trigger: WebhookTrigger) -> bool:
        return trigger.signature is not None

    def problems(self, trigger: WebhookTrigger, *, now: datetime) -> Iterator[Problem]:
        signature = trigger.signature
        if not trigger.methods:
            yield Problem("methods", _("The webhook takes no method."), _("Allow at least POST."), INCOMPLETE)
        if signature and signature.preset == BY_HAND and not signature.header:
            fix = _("Name the header that carries the signature.")
            yield Problem("signature.header", _("The signature has no header."), fix, INCOMPLETE)
        if signature and signature.preset != BY_HAND and signature.model_fields_set - {"preset"}:
            fix = _("Leave out header, encoding and prefix, or choose hmac-sha256.")
            yield Problem("signature", _("This preset brings its own header and encoding."), fix, INCOMPLETE)


register(WebhookKind())
