"""The dialogs of a run's verbs at `<id>/<verb>/`: GET asks, POST does it; both work as plain pages."""

from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from runs.services import RunGone
from runs.views.run_verbs.ending import CancelDialog, KillDialog
from runs.views.run_verbs.frame import RunDialog, ask, forbid, perform, visible_run
from runs.views.run_verbs.replaying import ReplayDialog
from runs.views.run_verbs.settling import DecideDialog, DiscardDialog, ReleaseDialog
from workflows.services import WorkflowGone

RUN_DIALOGS: Final[dict[str, type[RunDialog]]] = {
    dialog.verb: dialog
    for dialog in (CancelDialog, DecideDialog, DiscardDialog, KillDialog, ReleaseDialog, ReplayDialog)
}


@require_http_methods(["GET", "POST"])
def run_verb(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """404 for what is foreign or missing, 403 naming the missing right, 409 refused, 422 bad input."""
    if verb not in RUN_DIALOGS:
        raise Http404
    dialog = RUN_DIALOGS[verb](request, visible_run(request, pk))
    if not dialog.permitted():
        forbid(dialog)
    if request.method == "GET":
        return ask(dialog)
    try:
        return perform(dialog)
    except (RunGone, WorkflowGone) as gone:
        raise Http404 from gone
