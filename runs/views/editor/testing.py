"""Testing in the editor: a test run of the draft, its result shown in place."""

import json
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from config.web.htmx import vary_on_htmx, wants_partial
from config.web.pages import mark
from runs import queries as run_queries
from runs import services as run_services
from runs.commandline.waiting import execute_or_wait
from runs.forms import TestForm
from runs.models import Run
from runs.views.verbs.frame import visible
from workflows.lifecycle import Refusal
from workflows.models import Workflow
from workflows.services import receipts
from workflows.steps.base import kinds

SECONDS: Final = 2.0
SHOWN: Final = 4096
POLL_SECONDS: Final = 2


class TestRefused(Exception):
    """The test did not start; the draft is saved. `payload` is what was sent."""

    __test__ = False

    def __init__(self, message: str, *, status: int, payload: str) -> None:
        super().__init__(message)
        self.status, self.payload = status, payload


def start_test(request: HttpRequest, workflow: Workflow) -> str:
    """Start a test of the draft, and wait a moment for its end. Sent twice with one key, it starts one.

    Gives the run's id. Raises TestRefused. Where no worker is alive the run is executed here.
    """
    sent = request.POST.get("payload", "")
    form = TestForm({"payload": sent, "act_outside": request.POST.get("act_outside", "")})
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        raise TestRefused(_("The sample payload: %(why)s") % {"why": said}, status=422, payload=sent)
    acts = form.cleaned_data["act_outside"]

    def act() -> str:
        return str(run_services.test(workflow.pk, form.data_for_run(), act_outside=acts).pk)

    try:
        run_id = receipts.once(request.POST.get("idempotency_key", ""), f"test {workflow.pk}", act)
    except Refusal as refusal:
        raise TestRefused(refusal.message, status=refusal.http_status, payload=sent) from refusal
    execute_or_wait(UUID(run_id), seconds=SECONDS)
    return run_id


@require_GET
def workflow_test_result(request: HttpRequest, pk: int, run_id: UUID) -> HttpResponse:
    """The result while the test goes on; without htmx the run's own page."""
    workflow = visible(request, pk)
    run = find_test(workflow, str(run_id))
    if run is None:
        raise Http404
    if not wants_partial(request):
        return HttpResponseRedirect(reverse("run_page", args=[run.pk]))
    context = test_context(run)
    if request.GET.get("since") == context["test_mark"]:
        return vary_on_htmx(HttpResponse(status=204))
    return vary_on_htmx(render(request, "runs/editor/_test.html", {"workflow": workflow, **context}))


def find_test(workflow: Workflow, run_id: str) -> Run | None:
    """A test run of this workflow, with its attempts; None for anything else."""
    try:
        key = UUID(run_id)
    except ValueError:
        return None
    is_here = Run.objects.filter(pk=key, workflow=workflow, is_test=True).exists()
    return run_queries.with_steps(key) if is_here else None


def test_context(run: Run) -> dict[str, Any]:
    """`run`, its `attempts` with kinds and readable output, and the mark of what is shown."""
    attempts: list[Any] = list(run.step_attempts.all())
    for attempt in attempts:
        attempt.kind_shown = kinds().get(attempt.kind)
        attempt.output_shown = _readable(attempt.output)
    return {
        "run": run,
        "attempts": attempts,
        "test_mark": mark(run.status, [(one.pk, one.status) for one in attempts]),
        "test_poll": POLL_SECONDS if run.is_open else 0,
    }


def _readable(text: str) -> str:
    """JSON text spread over lines, cut to what a glance takes."""
    try:
        spread = json.dumps(json.loads(text), ensure_ascii=False, indent=2) if text else ""
    except ValueError:
        spread = text
    safe = spread.encode("utf-8", "replace").decode()
    return safe if len(safe) <= SHOWN else f"{safe[:SHOWN]}…"
