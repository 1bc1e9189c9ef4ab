"""The list of workflows: its address, its rows, and how much it asks the database."""

import re
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import make_run
from tests.runs.views.pages import text_of

ADDRESS = "/automations/workflows/"
ASKS = {"format": "signalbox/1", "triggers": [{"id": "by_hand", "kind": "manual"}]}


def names(response):
    return re.findall(r'<a id="name-\d+" [^>]*>([^<]*)</a>', text_of(response))


def ended_run(workflow, status="success", minutes=10, **changes):
    ended = timezone.now() - timedelta(minutes=minutes)
    return make_run(workflow, status=status, started_at=ended, ended_at=ended, **changes)


def queries(client, address, **options):
    with CaptureQueriesContext(connection, **options) as caught:
        response = client.get(address)
    assert response.status_code == 200
    return len(caught)
