"""Quick look: one workflow in one dialog, which opens cold as a page too."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from audit import queries as audit_queries
from config.web.dialogs import Dialog, render_dialog
from runs import queries as run_queries
from runs import summaries
from runs.attention import Attention
from runs.intake import schedules
from runs.menus import primary_action, workflow_menu
from runs.monitoring.windows import Window
from runs.views.verbs.checks import changes
from runs.views.verbs.frame import page_of, visible
from workflows import connections, maintenance
from workflows.definition.findings import DefinitionRefused
from workflows.models import Workflow

RUNS = 5
OCCURRENCES = 5
EVENTS = 3


@require_GET
def workflow_overview(request: HttpRequest, pk: int) -> HttpResponse:
    """Status, figures, what came last and what comes next, in a constant number of queries."""
    workflow: Any = visible(request, pk)
    summary = summaries.summaries([workflow.pk])[workflow.pk]
    attention = Attention([workflow])
    workflow.summary, workflow.to_complete = summary, attention.to_complete(workflow, summary)
    workflow.is_degraded = attention.degraded(workflow, summary)
    dialog = Dialog(title=_("Quick look"), back=page_of(workflow), wide=True)
    context = {**_facts(request, workflow), "page": page_of(workflow)}
    return render_dialog(request, dialog, template="runs/workflow_overview.html", context=context)


def _facts(request: HttpRequest, workflow: Workflow) -> dict[str, Any]:
    return {
        "workflow": workflow,
        "action": primary_action(workflow, request.user),
        "menu": workflow_menu(workflow, request.user, prefix="look"),
        "announcements": maintenance.announcements(workflow, request.user),
        "week": summaries.ratio_in(Window.of("7d", timezone.now()), workflow.pk),
        "runs": list(
            run_queries.filtered(run_queries.listed(request.user), workflow=workflow).order_by("-pk")[:RUNS]
        ),
        "occurrences": _occurrences(workflow),
        "diff": changes(workflow.published, workflow.draft),
        "connections": connections.of_workflow(workflow),
        "events": list(audit_queries.about("workflow", workflow.pk)[:EVENTS]),
    }


def _occurrences(workflow: Workflow) -> list[schedules.Upcoming]:
    version = workflow.published or workflow.draft
    try:
        return schedules.occurrences(workflow, version, start=timezone.now(), count=OCCURRENCES)
    except DefinitionRefused:
        return []
