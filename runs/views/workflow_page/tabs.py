"""The Runs tab, and the Audit tab: what happened to the workflow, newest first."""

from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django_filters import Filter

from audit import queries as audit_queries
from config.web import policy
from config.web.htmx import wants_partial
from runs.models.run import RunQuerySet
from runs.run_filters import RunFilter
from runs.views.run_list import RunList
from runs.views.workflow_page import frame
from workflows.lifecycle import Status

EVENTS: Final = 50
LEFT_OUT: Final = ("workflow", "scope")


class RunsOfWorkflowFilter(RunFilter):
    """What still differs among the runs of one workflow."""

    @classmethod
    def get_filters(cls) -> dict[str, Filter]:
        return {name: one for name, one in super().get_filters().items() if name not in LEFT_OUT}


class WorkflowRuns(RunList):
    """The list of runs, of one workflow alone."""

    filterset_class = RunsOfWorkflowFilter
    template_name = "runs/workflow_page/runs.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = frame.head_answer(request, self.workflow)
        return answer or super().get(request, *args, **kwargs)

    @cached_property
    def workflow(self) -> Any:
        return frame.load(self.request, self.kwargs["pk"])

    def get_queryset(self) -> RunQuerySet:
        return super().get_queryset().filter(workflow=self.workflow.pk)

    @property
    def bulk_query(self) -> str:
        return "&".join(filter(None, [super().bulk_query, f"workflow={self.workflow.pk}"]))

    def saved_views(self) -> None:
        return None

    def get_table_kwargs(self) -> dict[str, Any]:
        return {**super().get_table_kwargs(), "exclude": ("scope",)}

    def get_empty(self) -> dict[str, Any]:
        workflow = self.workflow
        empty = super().get_empty() | {"action": "", "href": ""}
        if workflow.status != Status.ACTIVE:
            return empty | {"text": _("It processes triggers once it is Active.")}
        if not policy.may(self.request.user, "trigger", workflow):
            return empty
        trigger = reverse("workflow_verb", args=[workflow.pk, "trigger"])
        return empty | {"action": _("Trigger one run…"), "href": trigger}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = super().get_context_data(**kwargs)
        if wants_partial(self.request):
            return shown
        head = frame.head(self.request, self.workflow)
        return {**shown, **head, "tabs": frame.tabs(self.workflow, "workflow_runs")}


@require_GET
def workflow_audit(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest 50 events; all of them stand in the audit log."""
    workflow = frame.load(request, pk)
    answer = frame.head_answer(request, workflow)
    if answer is not None:
        return answer
    events = list(audit_queries.about("workflow", workflow.pk)[: EVENTS + 1])
    everything = f"{reverse('audit:list')}?{urlencode({'subject': workflow.pk})}"
    context = {"events": events[:EVENTS], "more_href": everything if len(events) > EVENTS else ""}
    return frame.show(request, workflow, "workflow_audit", "runs/workflow_page/audit.html", context)
