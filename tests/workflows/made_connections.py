"""A connection with a secret, workflows that use it, and all the text that is stored of it."""

import json

from tests.factories import workspace
from tests.workflows.events import everything
from workflows.models import Connection
from workflows.services.connection_values import Credentials
from workflows.services.connections import create_connection

CANARY = "canary-7f3a9"
BEARER = Credentials("bearer", secret=CANARY)


def steps_using(name: str) -> dict:
    request = {"id": "ask", "kind": "http_request", "connection": name, "path": "/leads"}
    return {
        "format": "signalbox/1",
        "name": "Test",
        "triggers": [{"id": "by_hand", "kind": "manual"}],
        "steps": [request],
    }


def make_crm(**changes) -> Connection:
    values = {
        "base_url": "https://crm.example.com/v1",
        "scope": workspace(),
        "credentials": BEARER,
        **changes,
    }
    return create_connection(values.pop("name", "crm"), **values)[1]


def stored_text() -> str:
    rows = [list(Connection.objects.values()), list(Connection.history.values())]
    return json.dumps(rows, default=str) + everything()
