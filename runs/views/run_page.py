"""The page of one run, and its values as files."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from config.web.htmx import vary_on_htmx, wants_partial
from runs import queries, run_values
from runs.models import Run
from runs.run_menus import short_id
from runs.views.run_details import RunDetails


@require_GET
def run_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run. An open one asks again; unchanged it answers 204 after two queries of its own."""
    details = RunDetails(request, visible(request, pk))
    if wants_partial(request) and request.GET.get("since") == details.mark:
        return vary_on_htmx(HttpResponse(status=204))
    template = "runs/_run.html" if wants_partial(request) else "runs/run_page.html"
    return vary_on_htmx(render(request, template, details.context()))


@require_GET
def run_value(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """A whole value as a text file: `trigger`, or with `step`, `item` and `attempt` an `input` or `output`."""
    run = visible(request, pk)
    if name == "trigger":
        stored = Run.objects.values_list("input", flat=True).get(pk=run.pk)
        filename = f"run-{short_id(run)}-trigger.txt"
    else:
        chosen = RunDetails(request, run).chosen_attempt
        if chosen is None:
            raise Http404
        stored = getattr(chosen, name)
        filename = f"run-{short_id(run)}-{chosen.step_id}-{chosen.number}-{name}.txt"
    return HttpResponse(
        run_values.whole_text(stored),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def visible(request: HttpRequest, pk: UUID) -> Run:
    """The run; Http404 alike for what is not there and for what lies outside the person's scopes."""
    return get_object_or_404(queries.listed(request.user), pk=pk)
