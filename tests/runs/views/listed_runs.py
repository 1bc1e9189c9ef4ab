"""The list of runs: its address, its rows, and asking it again."""

import re

from django.http import HttpResponse
from django.test import Client

from runs.models import Run
from tests.runs.views.pages import HTMX, text_of

LIST = "/automations/runs/"


def shown(response: HttpResponse) -> list[str]:
    """The ids of the rows, from top to bottom."""
    return re.findall(r'<tr id="run-([0-9a-f-]{36})"', text_of(response))


def ids(*runs: Run) -> list[str]:
    return [str(run.pk) for run in runs]


def mark_of(response: HttpResponse) -> str:
    return re.search(r'data-mark="([^"]+)"', text_of(response)).group(1)


def poll(client: Client, mark: str, query: str = "") -> HttpResponse:
    return client.get(f"{LIST}?{query}&since={mark}", headers=HTMX)
