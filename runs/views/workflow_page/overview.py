"""The Overview tab: what it does, what starts it, how it stands; and the button that stops a release."""

import csv
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from config.web import htmx, policy
from config.web.htmx import vary_on_htmx
from config.web.time import machine
from runs import launches, pulse, recent
from runs.engine import release
from runs.first_day import first_day
from runs.first_day_chart import chart_of
from runs.models import Release
from runs.monitoring.findings.queries import open_for
from runs.views.verbs.checks import check_context
from runs.views.workflow_page import frame
from runs.views.workflow_page.glance import glance
from runs.views.workflow_page.triggers import trigger_cards
from runs.warnings import warning_of
from workflows import checking, figures, files, maintenance
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.drawing import drawing_of
from workflows.lifecycle import Status
from workflows.models import Version
from workflows.outline import StepLine, outline
from workflows.services import WorkflowGone

LIVE = "workflow-live"
DRAWING = "drawing"


@require_GET
def workflow_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole page, or the one of its two regions that asks anew."""
    workflow = frame.load(request, pk)
    answer = frame.head_answer(request, workflow)
    if answer is not None:
        return answer
    if frame.is_unchanged(request, workflow):
        return frame.unchanged()
    context = _context(request, workflow)
    if frame.asked_region(request) == LIVE:
        values = {**context, "workflow": workflow}
        return vary_on_htmx(render(request, "runs/workflow_page/_overview.html", values))
    return frame.show(request, workflow, "workflow_page", "runs/workflow_page/overview.html", context)


@require_POST
def stop_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the paced release: what it had not let go stays held. Harmless when none runs."""
    workflow = frame.load(request, pk)
    if not policy.may(request.user, "release", workflow):
        raise PermissionDenied(
            _("Stopping a release needs the role Operator in %(scope)s.") % {"scope": workflow.scope.name}
        )
    try:
        stopped = release.stop(workflow.pk)
    except WorkflowGone as gone:
        raise Http404 from gone
    said = (
        _("The release is stopped. What it had not let go stays held.")
        if stopped
        else _("Nothing to do: no release is running.")
    )
    page = reverse("workflow_page", args=[workflow.pk])
    return htmx.finish(request, "workflow-changed", to=page, notice=said)


def _context(request: HttpRequest, workflow: Any) -> dict[str, Any]:
    version = workflow.published or workflow.draft
    counted = figures.counts([workflow.pk])[workflow.pk]
    return {
        "mark": pulse.mark_of(workflow),
        "poll_seconds": pulse.seconds_between_polls(workflow),
        "version": version,
        "lines": _lines(version),
        **_drawn(request, version),
        "triggers": trigger_cards(request, workflow, version),
        "counted": counted,
        "launch": launches.progress(workflow),
        "may_widen": workflow.status == Status.ACTIVE and policy.may(request.user, "widen", workflow),
        "release": _release(workflow),
        "may_release": policy.may(request.user, "release", workflow),
        **_first_day(workflow),
        "batch": recent.watched_batch(workflow),
        "failures": recent.open_failures(workflow),
        "failing": warning_of(workflow, request.user),
        "unusual": open_for(request.user, workflow=workflow.pk),
        "announcements": maintenance.announcements(workflow, request.user),
        "glance": glance(workflow) if workflow.newest_run is not None else None,
        "has_runs": workflow.newest_run is not None,
        "may_trigger": workflow.status == Status.ACTIVE and policy.may(request.user, "trigger", workflow),
        "may_rotate": workflow.status != Status.ARCHIVED and policy.may(request.user, "secrets", workflow),
        "may_roll_back": policy.may(request.user, "roll-back", workflow),
        **_checks(request, workflow),
    }


def _first_day(workflow: Any) -> dict[str, Any]:
    day = first_day(workflow)
    return {"day": day, "chart": chart_of(day, workflow) if day else None}


@require_GET
def first_day_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The hours of the First day panel as a file; 404 once the day is over."""
    day = first_day(frame.load(request, pk))
    if day is None:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="workflow-{pk}-first-day.csv"'
    writer = csv.writer(response)
    writer.writerow(["from", "to", "runs", "failed", "spike"])
    for hour in day.hours:
        if hour.has_begun:
            writer.writerow(
                [machine(hour.start), machine(hour.end), hour.runs, hour.failed, int(hour.is_spike)]
            )
    return response


def _checks(request: HttpRequest, workflow: Any) -> dict[str, Any]:
    if workflow.status == Status.ARCHIVED:
        return {"is_checked": False}
    return {"is_checked": True, **check_context(request, workflow, checking.check_workflow(workflow))}


def _drawn(request: HttpRequest, version: Version | None) -> dict[str, Any]:
    """The drawn twin of the list of steps, where the address asks for it."""
    if request.GET.get("view") != DRAWING or version is None:
        return {}
    return {"drawing": drawing_of(files.document_of(version))}


def _lines(version: Version | None) -> list[StepLine]:
    try:
        return outline(compile_definition(version.definition).steps) if version else []
    except DefinitionRefused:
        return []


def _release(workflow: Any) -> Release | None:
    return Release.objects.filter(workflow=workflow, ended_at=None).first() if workflow.releasing else None
