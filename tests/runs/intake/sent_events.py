"""Sending events to the API, and workflows that listen for them."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.factories import workspace
from tests.runs.intake.material import make_triggered
from workflows.models import Role, Scope, Token, Workflow
from workflows.services.tokens import create_token

LISTENS: dict[str, Any] = {"id": "listens", "kind": "event", "event": "lead.captured"}
EVENT: dict[str, Any] = {"event": "lead.captured", "data": {"score": 80}}
CLOUD = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/shop",
    "type": "lead.captured",
    "data": {"score": 80},
}
ADDRESS = "/api/v1/events"


def listener(**changes: Any) -> Workflow:
    return make_triggered({**LISTENS, **changes.pop("trigger", {})}, **changes)


def token(role: str = Role.OPERATOR, scope: Scope | None = None) -> str:
    return create_token(f"token {Token.objects.count()}", role, scope=scope or workspace()).text


def send(document: Any, text: str | None = None, **headers: str) -> HttpResponse:
    bearer = {"Authorization": f"Bearer {text or token()}"}
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Client().post(ADDRESS, content, content_type="application/json", headers={**bearer, **headers})
