"""The export from the page: who may, what it holds, what a spreadsheet must not run."""

import csv
import io
import json

import pytest
from django.test import Client

from audit.models import AuditEvent
from audit.services import Subject
from audit.verbs import AuditWord
from tests import factories
from tests.audit.events import make_event, make_events
from workflows.models import Role

pytestmark = pytest.mark.django_db

LIST = "/automations/audit/"
EXPORT = "/automations/audit/export/"


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(factories.make_user(Role.MANAGER))
    return client


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.EDITOR])
def test_export_needs_a_manager(client: Client, role: Role) -> None:
    client.force_login(factories.make_user(role))
    before = AuditEvent.objects.count()

    response = client.get(f"{EXPORT}?format=csv")

    assert response.status_code == 403
    assert "needs the role Manager" in response.content.decode()
    assert "format=csv" not in client.get(LIST).content.decode()
    assert AuditEvent.objects.count() == before


def test_export_is_audited_and_reaches_to_its_own_event(manager: Client) -> None:
    make_events(3)

    response = manager.get(f"{EXPORT}?format=jsonl")
    lines = [json.loads(line) for line in b"".join(response.streaming_content).decode().splitlines()]

    assert response.headers["Content-Type"] == "application/jsonl; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    assert [line["id"] for line in lines] == list(range(1, len(lines) + 1))
    assert (lines[-1]["event"], lines[-1]["after"]) == ("Audit exported", {"filters": [], "format": "jsonl"})


def test_export_obeys_the_filters_and_keeps_their_values_to_itself(manager: Client) -> None:
    make_events(2)
    make_event(word=AuditWord.WORKFLOW_PAUSED)

    response = manager.get(f"{EXPORT}?format=csv&event=Workflow+paused&person=Signalbox")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))

    assert [row["event"] for row in rows] == ["Workflow paused"]
    newest = AuditEvent.objects.first()
    assert newest and newest.after_values == {"filters": ["person", "event"], "format": "csv"}


def test_export_knows_two_forms(manager: Client) -> None:
    assert manager.get(f"{EXPORT}?format=exe").status_code == 404


def test_csv_cells_cannot_start_a_formula(manager: Client) -> None:
    for start in ("=1+1", "+1", "-1", "@x", "\tx", "\rx"):
        make_event(subject=Subject("workflow", "1", start), reason=start)

    response = manager.get(f"{EXPORT}?format=csv&event=Workflow+described")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode(), newline="")))

    cells = [cell for row in rows[1:] for cell in row]
    assert len(rows) == 7
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
    assert {row[7] for row in rows[1:]} == {"'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx"}
