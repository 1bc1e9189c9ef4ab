"""What tests of bulk acts share: sending a selection, and reading the job that follows."""

from django.http import HttpResponse
from django.test import Client

from runs.bulk import working
from runs.models import BulkItem, BulkJob
from tests.runs.views.pages import hidden

WORKFLOWS = "/automations/workflows/bulk/"
RUNS = "/automations/runs/bulk/"


def ids(*rows) -> dict[str, str]:
    return {"ids": ",".join(str(row.pk) for row in rows)}


def everything(query: str, seen: int) -> dict[str, str]:
    return {"all": "1", "query": query, "seen": str(seen)}


def confirm(client: Client, address: str, selection: dict[str, str], **fields: str) -> HttpResponse:
    """Ask, then send what the dialog holds with the fields filled in."""
    asked = client.post(address, selection)
    assert asked.status_code == 200, asked.content.decode()
    key = hidden(asked, "idempotency_key")
    return client.post(address, {**selection, "go": "1", "idempotency_key": key, **fields})


def only_job() -> BulkJob:
    return BulkJob.objects.get()


def results(job: BulkJob) -> list[tuple[str, str]]:
    return list(BulkItem.objects.filter(job=job).values_list("label", "state"))


def work_all() -> None:
    """Work every job to its end: on a busy machine a piece of a second may not be enough."""
    while working.work():
        pass
