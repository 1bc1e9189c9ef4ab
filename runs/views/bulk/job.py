"""A job's own page: how far it is, what became of each item, Stop; and Continue where no scheduler is alive."""

from typing import Any, Final
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from config.web import htmx
from config.web.pages import mark
from runs.bulk import jobs, working
from runs.bulk.verbs import things_of
from runs.engine import heartbeat
from runs.models import BulkItem, BulkJob, BulkKind, BulkState

PER_PAGE: Final = 100
CHANGED: Final = "bulk-changed"
CONTINUE_SECONDS: Final = 5.0
PAGES: Final = {BulkKind.WORKFLOWS.value: "workflow_page", BulkKind.RUNS.value: "run_page"}


def _visible(request: HttpRequest, pk: UUID) -> BulkJob:
    return get_object_or_404(jobs.visible_to(request.user), pk=pk)


@require_GET
def bulk_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page, or its region for htmx, which asks every 2 seconds while the job is open."""
    job = _visible(request, pk)
    counts = jobs.counts_of(job)
    shown = mark(counts, job.ended_at)
    is_partial = htmx.wants_partial(request)
    if is_partial and request.GET.get("since") == shown:
        return htmx.vary_on_htmx(HttpResponse(status=204))
    context = {"mark": shown, "counts": counts, **_context(request, job)}
    template = "runs/bulk/_job.html" if is_partial else "runs/bulk/job.html"
    response = htmx.vary_on_htmx(render(request, template, context))
    if is_partial and "since" in request.GET and not job.is_open:
        return htmx.with_events(response, {"notice": {"text": _finished(counts), "quiet": True}})
    return response


def _context(request: HttpRequest, job: BulkJob) -> dict[str, Any]:
    state = request.GET.get("state", "")
    rows = job.items.order_by("place")
    page = Paginator(rows.filter(state=state) if state in BulkState.values else rows, PER_PAGE).get_page(
        request.GET.get("page")
    )
    things = things_of(job.kind)
    return {
        "job": job,
        "title": jobs.title_of(job),
        "items": [(item, _page_of(job, item)) for item in page],
        "page": page,
        "state": state,
        "states": BulkState.choices,
        "sums": jobs.words_of(jobs.sums_of(job)),
        "list_url": reverse(things.list_url),
        "list_label": BulkKind(job.kind).label,
        "is_alone": job.is_open and not heartbeat.alive("scheduler"),
    }


def _page_of(job: BulkJob, item: BulkItem) -> str:
    return reverse(PAGES[job.kind], args=[item.target])


def _finished(counts: jobs.Counts) -> str:
    values = {"done": counts.done, "refused": counts.refused, "left": counts.left}
    return _("Finished: %(done)d done, %(refused)d refused, %(left)d left.") % values


@require_POST
def bulk_stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End the job: what is done stays, what is left is left alone. Whoever sees a job may stop it."""
    job = _visible(request, pk)
    was_open = jobs.stop(job.pk)
    counts = jobs.counts_of(job)
    text = _finished(counts) if was_open else _("Nothing to do: it had ended already.")
    return htmx.finish(request, CHANGED, to=_address(job), notice=text)


@require_POST
def bulk_continue(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Work some seconds on the job here, for want of a scheduler."""
    job = _visible(request, pk)
    working.work_on(job.pk, seconds=CONTINUE_SECONDS)
    if htmx.is_htmx(request):
        return htmx.vary_on_htmx(htmx.done(CHANGED))
    return HttpResponseRedirect(_address(job))


def _address(job: BulkJob) -> str:
    return reverse("bulk_job", args=[job.pk])
