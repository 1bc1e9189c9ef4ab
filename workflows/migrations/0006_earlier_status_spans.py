"""What the rows' history tells about the time before spans were kept."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    workflows, history, spans = (
        apps.get_model("workflows", name) for name in ("Workflow", "HistoricalWorkflow", "StatusSpan")
    )
    for workflow in workflows.objects.iterator():
        rows = history.objects.filter(id=workflow.pk).order_by("history_date", "history_id")
        begins = list(_begins(workflow, rows.only("status", "cause", "status_at", "history_date")))
        ends = [since for since, _status, _cause in begins[1:]] + [workflow.deleted_at]
        spans.objects.bulk_create(
            spans(workflow=workflow, status=status, cause=cause, since=since, until=until and max(since, until))
            for (since, status, cause), until in zip(begins, ends, strict=True)
        )


def _begins(workflow: Any, rows: Any) -> Iterator[tuple[Any, str, str]]:
    """Each change of status with its moment, never before the one before it."""
    before, latest = None, workflow.created_at
    for row in rows:
        if row.status != before:
            if before is not None:
                latest = max(latest, row.status_at or row.history_date)
            before = row.status
            yield latest, row.status, row.cause
    if before != workflow.status:
        yield max(latest, workflow.status_at or latest), workflow.status, workflow.cause


class Migration(migrations.Migration):
    dependencies = [("workflows", "0005_status_spans")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
