"""The Metrics tab: the panels of monitoring for one workflow, and what only one workflow has."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from runs.views.monitoring import words
from runs.views.monitoring.asked import asked_of
from runs.views.monitoring.marks import ledger_mark
from runs.views.monitoring.page import first_counted, ranges
from runs.views.monitoring.panel import render as render_panel
from runs.views.monitoring.panels import OF_ONE
from runs.views.workflow_page import frame


@require_GET
def workflow_metrics(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab, or the header alone where that asks. Each panel has its own address below monitoring."""
    workflow = frame.load(request, pk)
    answer = frame.head_answer(request, workflow)
    if answer is not None:
        return answer
    asked = asked_of(request, workflow=workflow)
    known = ledger_mark(asked)
    here = reverse("workflow_metrics", args=[workflow.pk])
    context = {
        "asked": asked,
        "ranges": ranges(asked, here),
        "window": words.window(asked.window),
        "counted_since": first_counted(asked),
        "sections": [render_panel(panel, asked, request, mark=known, page=here) for panel in OF_ONE],
    }
    return frame.show(request, workflow, "workflow_metrics", "runs/workflow_page/metrics.html", context)
