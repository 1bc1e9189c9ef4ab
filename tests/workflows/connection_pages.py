"""The pages of connections: who asks, a connection to ask about, and reading the answer."""

import re

from django.test import Client
from django.urls import reverse

from tests.factories import make_user, workspace
from workflows.models import Connection, Role
from workflows.services.connection_values import Credentials
from workflows.services.connections import create_connection

CANARY = "canary-7f3a9"
LIST = "/automations/connections/"
HTMX = {"HX-Request": "true"}
DEFINITION = {
    "format": "signalbox/1", "name": "Test",
    "triggers": [{"id": "by_hand", "kind": "manual"}],
    "steps": [{"id": "ask", "kind": "http_request", "connection": "crm", "path": "/leads"}],
}  # fmt: skip


def signed_in(role: Role | None, **changes) -> Client:
    client = Client()
    client.force_login(make_user(role, **changes))
    return client


def make_crm(base_url: str = "https://crm.example.com/v1", **changes) -> Connection:
    values = {"scope": workspace(), "credentials": Credentials("bearer", secret=CANARY), **changes}
    return create_connection("crm", base_url=base_url, **values)[1]


def at(word: str, connection: Connection) -> str:
    return reverse(f"connections:{word}", args=[connection.pk])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
