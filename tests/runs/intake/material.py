"""Definitions, triggers and signed deliveries for the tests of intake."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from standardwebhooks.webhooks import Webhook as StandardWebhook

from tests.factories import make_workflow
from workflows.models import Trigger, Workflow
from workflows.secrets import encrypt, generate

PRESETS = ("standard-webhooks", "github", "stripe", "slack", "hmac-sha256")
HOOK: dict[str, Any] = {"id": "hook", "kind": "webhook"}
SIGNATURE_HEADER = "X-Acme-Mac"


def definition(*triggers: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {
        "format": "signalbox/1",
        "name": "Intake",
        "triggers": list(triggers),
        "steps": [{"id": "greet", "kind": "set", "values": {"text": "Hello"}}],
        "settings": settings,
    }


def make_triggered(
    *triggers: dict[str, Any], rules: dict[str, Any] | None = None, **changes: Any
) -> Workflow:
    """A workflow with these triggers; `rules` are the settings of its definition."""
    return make_workflow(definition=definition(*(triggers or (HOOK,)), **(rules or {})), **changes)


def trigger_of(workflow: Workflow, trigger_id: str = "hook") -> Trigger:
    return Trigger.objects.get(workflow=workflow, trigger_id=trigger_id)


def signature_rule(preset: str) -> dict[str, Any]:
    own = {"header": SIGNATURE_HEADER, "prefix": "mac="} if preset == "hmac-sha256" else {}
    return {"preset": preset, **own}


def make_signed(preset: str, **changes: Any) -> tuple[Trigger, str]:
    """A webhook trigger with a signature, and its secret."""
    dedupe = {"dedupe": "header:X-Acme-Id"} if preset == "hmac-sha256" else {}
    rule = {**HOOK, "signature": signature_rule(preset), **dedupe}
    trigger = trigger_of(make_triggered(rule, **changes))
    secret = generate(preset)
    trigger.secret = encrypt(secret)
    trigger.save()
    return trigger, secret


def body_for(preset: str, identifier: str) -> bytes:
    """A body in which senders of this preset would also write their delivery id."""
    key = {"stripe": "id", "slack": "event_id"}.get(preset, "number")
    return json.dumps({key: identifier, "text": "Grüße"}, ensure_ascii=False).encode()


def signed(
    preset: str, secret: str, body: bytes, *, identifier: str = "d1", at: datetime | None = None
) -> dict[str, str]:
    """The headers with which a sender of this preset would send the body."""
    moment = at or datetime.now(UTC)
    stamp = str(int(moment.timestamp()))
    match preset:
        case "standard-webhooks":
            text = StandardWebhook(secret).sign(identifier, moment, body.decode())
            return {"webhook-id": identifier, "webhook-timestamp": stamp, "webhook-signature": text}
        case "github":
            mac = f"sha256={_mac(secret, body)}"
            return {"X-Hub-Signature-256": mac, "X-GitHub-Delivery": identifier, "X-GitHub-Event": "push"}
        case "stripe":
            mac = _mac(secret, f"{stamp}.".encode() + body)
            return {"Stripe-Signature": f"t={stamp},v1={mac}"}
        case "slack":
            mac = _mac(secret, f"v0:{stamp}:".encode() + body)
            return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}
    return {SIGNATURE_HEADER: f"mac={_mac(secret, body)}", "X-Acme-Id": identifier}


def _mac(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
