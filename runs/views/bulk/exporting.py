"""Selected rows as a file: workflows as one that Import reads, runs as CSV."""

import csv
from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.export import FORMATS, Line, cell
from config.web.errors import refuse
from runs import queries
from runs.bulk.selection import Selection
from runs.documents import run_document
from runs.models import BulkKind
from workflows import files
from workflows.definition.models import FORMAT
from workflows.lifecycle import ValueRefused
from workflows.models import Workflow

RUN_COLUMNS: Final = (
    "id", "workflow", "workflow_name", "version", "status", "reason", "trigger", "trigger_id", "test", "delivery_id",
    "replay_of", "received_at", "started_at", "ended_at", "due_at", "error", "error_code",
)  # fmt: skip
CHUNK: Final = 500


def _selected(request: HttpRequest, kind: BulkKind) -> list[Any] | HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    try:
        return Selection.of(kind, data).rows(request)
    except ValueRefused as refusal:
        text = f"{refusal.message} {refusal.findings[0]['fix']}"
        return refuse(request, status=422, title=_("Nothing to export"), text=text)


@require_http_methods(["GET", "POST"])
def export_workflows(request: HttpRequest) -> HttpResponse:
    """The published version of each, or its draft where nothing is published; one file for all of them."""
    rows = _selected(request, BulkKind.WORKFLOWS)
    if isinstance(rows, HttpResponse):
        return rows
    documents = [files.export_document(row, version) for row in rows if (version := _version(row))]
    whole: dict[str, Any] = (
        documents[0] if len(documents) == 1 else {"format": FORMAT, "workflows": documents}
    )
    response = HttpResponse(files.dump(whole), content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="workflows.json"'
    return response


def _version(workflow: Workflow) -> Any:
    return workflow.published or workflow.draft


@require_http_methods(["GET", "POST"])
def export_runs(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The rows without payloads, as CSV; times in UTC, ISO 8601."""
    rows = _selected(request, BulkKind.RUNS)
    if isinstance(rows, HttpResponse):
        return rows
    response = StreamingHttpResponse(_lines([row.pk for row in rows]), content_type=FORMATS["csv"])
    response.headers["Content-Disposition"] = 'attachment; filename="runs.csv"'
    return response


def _lines(ids: list[Any]) -> Iterator[str]:
    line = Line()
    writer = csv.writer(line)
    writer.writerow(RUN_COLUMNS)
    yield line.text
    for start in range(0, len(ids), CHUNK):
        for run in queries.everything().filter(pk__in=ids[start : start + CHUNK]).order_by("pk"):
            document = run_document(run)
            writer.writerow([cell(document[name]) for name in RUN_COLUMNS])
            yield line.text
