"""The Versions tab, and what differs between two versions."""

from datetime import timedelta
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from config.web import policy
from runs.menus import is_offered
from runs.models import Run, RunStatus
from runs.summaries import Ratio
from runs.views.differences import differences
from runs.views.workflow_page import frame
from workflows import files
from workflows.lifecycle import TRANSITIONS, Status
from workflows.models import Version, Workflow

PER_PAGE: Final = 50
COUNTED: Final = timedelta(days=30)


@require_GET
def workflow_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """All versions, the draft first; `?old=&new=` leads to what differs between two."""
    workflow = frame.load(request, pk)
    answer = frame.head_answer(request, workflow)
    if answer is not None:
        return answer
    chosen = [_number(request.GET.get(name, "")) for name in ("old", "new")]
    if all(chosen):
        return HttpResponseRedirect(reverse("workflow_diff", args=[workflow.pk, *chosen]))
    page = Paginator(_listed(workflow), PER_PAGE).get_page(request.GET.get("page"))
    versions: list[Any] = list(page.object_list)
    _add_figures(workflow, versions)
    context = {
        "page": page,
        "versions": versions,
        "numbers": list(_listed(workflow).values_list("number", flat=True)[:500]),
        **_permitted(request, workflow),
    }
    return frame.show(request, workflow, "workflow_versions", "runs/workflow_page/versions.html", context)


@require_GET
def workflow_diff(request: HttpRequest, pk: int, old: int, new: int) -> HttpResponse:
    """From one version to another; Http404 where one of them does not exist."""
    workflow = frame.load(request, pk)
    answer = frame.head_answer(request, workflow)
    if answer is not None:
        return answer
    found = {version.number: version for version in workflow.versions.filter(number__in=(old, new))}
    if old not in found or new not in found:
        raise Http404
    context = {
        "old": found[old],
        "new": found[new],
        "diff": differences(files.document_of(found[old]), files.document_of(found[new])),
        **_permitted(request, workflow),
    }
    return frame.show(request, workflow, "workflow_versions", "runs/workflow_page/diff.html", context)


def _listed(workflow: Workflow) -> QuerySet[Version]:
    return workflow.versions.defer("definition").order_by("-number")


def _permitted(request: HttpRequest, workflow: Workflow) -> dict[str, bool]:
    user, standing = request.user, workflow.status != Status.ARCHIVED
    can_roll_back = workflow.status in TRANSITIONS["roll-back"].sources
    can_discard = workflow.has_unpublished_changes and workflow.status in TRANSITIONS["discard-draft"].sources
    return {
        "may_roll_back": can_roll_back and policy.may(user, "roll-back", workflow),
        "may_discard": can_discard and policy.may(user, "discard-draft", workflow),
        "may_publish": can_discard and is_offered(workflow, user, "publish"),
        "may_import": standing and policy.may(user, "import", workflow),
    }


def _add_figures(workflow: Workflow, versions: list[Any]) -> None:
    """`runs` and `success` of each version, of the last 30 days. One query."""
    counted = Run.objects.filter(
        workflow=workflow, is_test=False, started_at__gte=timezone.now() - COUNTED, version__in=versions
    )
    rows = (
        counted.order_by()
        .values("version")
        .annotate(
            n=Count("pk"),
            ok=Count("pk", filter=Q(status=RunStatus.SUCCESS)),
            failed=Count("pk", filter=Q(status=RunStatus.FAILED)),
        )
    )
    found = {row["version"]: row for row in rows}
    for version in versions:
        row = found.get(version.pk, {"n": 0, "ok": 0, "failed": 0})
        version.runs_counted, version.success = row["n"], Ratio(row["ok"], row["failed"])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
