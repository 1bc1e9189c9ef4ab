"""The pages of connections: who asks, a connection to ask about, and reading the answer."""

import re

from django.urls import reverse

from tests.workflows.made_connections import steps_using
from workflows.models import Connection

LIST = "/automations/connections/"
HTMX = {"HX-Request": "true"}
DEFINITION = steps_using("crm")


def at(word: str, connection: Connection) -> str:
    return reverse(f"connections:{word}", args=[connection.pk])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
