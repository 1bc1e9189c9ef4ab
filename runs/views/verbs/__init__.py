"""The dialogs of a workflow's verbs at `<id>/<verb>/`: GET asks, POST does it; both work as plain pages."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from runs.views.verbs.answers import ask, forbid, perform
from runs.views.verbs.by_hand import TestDialog, TriggerDialog
from runs.views.verbs.content import DiscardDraftDialog, RollBackDialog
from runs.views.verbs.frame import VerbDialog, visible
from runs.views.verbs.launching import WidenDialog
from runs.views.verbs.naming import CloneDialog, DeleteDialog, DescribeDialog, MoveDialog, RenameDialog
from runs.views.verbs.pausing import ChangePauseDialog, PauseDialog
from runs.views.verbs.resuming import ResumeDialog
from runs.views.verbs.shelving import ArchiveDialog, StopDialog, UnarchiveDialog
from runs.views.verbs.starting import PublishDialog, RunDialog
from workflows.services import WorkflowGone

DIALOGS: Final[dict[str, type[VerbDialog]]] = {
    dialog.verb: dialog
    for dialog in (
        ArchiveDialog,
        ChangePauseDialog,
        CloneDialog,
        DeleteDialog,
        DescribeDialog,
        DiscardDraftDialog,
        MoveDialog,
        PauseDialog,
        PublishDialog,
        RenameDialog,
        ResumeDialog,
        RollBackDialog,
        RunDialog,
        StopDialog,
        TestDialog,
        TriggerDialog,
        UnarchiveDialog,
        WidenDialog,
    )
}


@require_http_methods(["GET", "POST"])
def workflow_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """404 for what is foreign or missing, 403 naming the missing right, 409 refused, 422 bad input."""
    if verb not in DIALOGS:
        raise Http404
    dialog = DIALOGS[verb](request, visible(request, pk))
    if not dialog.permitted():
        forbid(dialog)
    if request.method == "GET":
        return ask(dialog)
    try:
        return perform(dialog)
    except WorkflowGone as gone:
        raise Http404 from gone
