"""What all tabs of a workflow's page share: the header, which refreshes itself, and the tabs."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.web import policy
from config.web.htmx import vary_on_htmx, wants_partial
from runs import failure_rule, pulse, recent, summaries
from runs.attention import Attention
from runs.menus import primary_action, workflow_menu
from workflows import queries
from workflows.lifecycle import Status

HEAD: Final = "workflow-state"
"""The id of the header: a fragment of any tab that asks for it gets it alone."""

TABS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("workflow_page", _("Overview")),
    ("workflow_runs", _("Runs")),
    ("workflow_versions", _("Versions")),
    ("workflow_metrics", _("Metrics")),
    ("workflow_audit", _("Audit")),
    ("workflow_settings", _("Settings")),
)


@dataclass(frozen=True)
class Tab:
    """A link to one part of the page."""

    label: str | Promise
    href: str
    is_current: bool


def load(request: HttpRequest, pk: int) -> Any:
    """The workflow with its pulse; Http404 alike for what is not there and for what lies outside the person's scopes."""
    return get_object_or_404(pulse.with_pulse(queries.listed(request.user)), pk=pk)


def asked_region(request: HttpRequest) -> str:
    """The id of the region that a fragment request refreshes; empty for a whole page."""
    return request.headers.get("HX-Target", "") if wants_partial(request) else ""


def is_unchanged(request: HttpRequest, workflow: Any) -> bool:
    """Whether a poll brings back the mark of what it would be shown."""
    return bool(asked_region(request)) and request.GET.get("since") == pulse.mark_of(workflow)


def unchanged() -> HttpResponse:
    """The answer to a poll without news."""
    return vary_on_htmx(HttpResponse(status=204))


def head_answer(request: HttpRequest, workflow: Any) -> HttpResponse | None:
    """The header alone, or 204, where it is the header that asks; else None."""
    if asked_region(request) != HEAD:
        return None
    if is_unchanged(request, workflow):
        return unchanged()
    context = {**head(request, workflow), "is_head_alone": True}
    return vary_on_htmx(render(request, "runs/workflow_page/_head.html", context))


def head(request: HttpRequest, workflow: Any) -> dict[str, Any]:
    """The header's context: figures, tags, primary action, menu and the last runs."""
    figures = summaries.summaries([workflow.pk])[workflow.pk]
    attention = Attention([workflow])
    workflow.summary, workflow.to_complete = figures, attention.to_complete(workflow, figures)
    workflow.is_degraded = attention.degraded(workflow, figures)
    workflow.never_pauses = failure_rule.never_pauses(workflow)
    may_edit = policy.may(request.user, "edit", workflow) and workflow.status != Status.ARCHIVED
    return {
        "workflow": workflow,
        "menu": workflow_menu(workflow, request.user, prefix="page-menu"),
        "action": primary_action(workflow, request.user),
        "editor": reverse("workflow_edit", args=[workflow.pk]) if may_edit else "",
        "marks": recent.marks(workflow),
        "head_mark": pulse.mark_of(workflow),
        "head_poll": pulse.seconds_between_polls(workflow),
    }


def tabs(workflow: Any, current: str) -> list[Tab]:
    """The links, one of them current."""
    return [Tab(label, reverse(name, args=[workflow.pk]), name == current) for name, label in TABS]


def show(
    request: HttpRequest,
    workflow: Any,
    tab: str,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """A tab as a whole page."""
    values = {**head(request, workflow), "tabs": tabs(workflow, tab), **context}
    return vary_on_htmx(render(request, template, values, status=status))
