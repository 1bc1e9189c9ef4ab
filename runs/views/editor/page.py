"""The editor's page. Each POST keeps what was typed in the working copy, then does what its button says."""

from typing import Final
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config.web import errors, htmx, policy
from runs.views.editor import conflicts, samples
from runs.views.editor.answers import Trouble, address, go_on, show, show_pieces
from runs.views.editor.desk import Desk
from runs.views.editor.edits import Edit, fill, perform
from runs.views.editor.saving import save
from runs.views.editor.sent import Sent
from runs.views.verbs.frame import visible
from workflows.editing.paths import NoSuchPlace
from workflows.lifecycle import Refusal, Stale
from workflows.models import Workflow
from workflows.services import WorkflowGone, working
from workflows.services.working import Working
from workflows.texts import storable

UNREADABLE: Final = 422


@require_http_methods(["GET", "POST"])
def workflow_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the working copy, else the draft, else what is published. The address says which part is open."""
    workflow = editable(request, pk)
    now = working.working(workflow)
    try:
        return _act(request, workflow, now) if request.method == "POST" else _show(request, workflow, now)
    except WorkflowGone as gone:
        raise Http404 from gone


@require_POST
def workflow_edit_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the last act, unless something changed since."""
    workflow = editable(request, pk)
    revision = request.GET.get("revision", "")
    known = int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else -1
    try:
        working.undo(workflow.pk, revision=known)
    except WorkflowGone as gone:
        raise Http404 from gone
    except Refusal as refusal:
        if htmx.is_htmx(request):
            return htmx.problem(refusal.message, status=refusal.http_status)
        return errors.refuse(
            request, status=refusal.http_status, title=_("Not undone"), text=refusal.message, advice=""
        )
    return htmx.finish(request, "draft-changed", to=address(workflow), notice=_("Undone."))


def editable(request: HttpRequest, pk: int) -> Workflow:
    """The workflow, for somebody who may edit it."""
    workflow = visible(request, pk)
    if not policy.may(request.user, "edit", workflow):
        raise PermissionDenied(
            _("Editing a workflow needs the role Editor in %(scope)s.") % {"scope": workflow.scope.name}
        )
    return workflow


def _show(request: HttpRequest, workflow: Workflow, now: Working) -> HttpResponse:
    desk = Desk(request, workflow, now, now.text)
    response = show(desk, trouble=conflicts.standing(desk))
    is_search = "q" in request.GET
    if htmx.wants_partial(request) and not is_search:
        response.headers["HX-Push-Url"] = request.get_full_path()
    return response


def _act(request: HttpRequest, workflow: Workflow, now: Working) -> HttpResponse:
    sent = Sent.of(request, now.token)
    if sent.token != now.token:
        return _stale(request, workflow, now, sent)
    if sent.verb == "theirs":
        working.drop(workflow.pk, token=sent.token)
        htmx.tell(request, _("Dropped. You see what was saved."))
        return _go(request, address(workflow))
    try:
        edit = fill(now.text, sent, moved=sent.over)
        if sent.verb == "adopt":
            edit = conflicts.take_part(edit.text, workflow, sent)
        elif not edit.problems:
            edit = perform(edit, sent)
        kept = _keep(workflow, edit, sent, now)
    except NoSuchPlace:
        desk = Desk(request, workflow, now, now.text)
        return show(desk, status=409, trouble=Trouble(_("That is not possible there.")))
    except Stale:
        return _stale(request, workflow, working.working(visible(request, workflow.pk)), sent)
    except Refusal as refusal:
        desk = Desk(request, workflow, now, edit.text, opened=edit.opened)
        return show_pieces(desk, status=refusal.http_status, trouble=Trouble(refusal.message))
    return _answer(
        request, workflow, Desk(request, workflow, kept, kept.text, edit.problems, edit.opened), sent, edit
    )


def _stale(request: HttpRequest, workflow: Workflow, now: Working, sent: Sent) -> HttpResponse:
    return conflicts.typed_over(request, workflow, now, sent, working.stale_since(workflow, now).message)


def _keep(workflow: Workflow, edit: Edit, sent: Sent, now: Working) -> Working:
    sample = sent.data.get("payload")
    if sent.verb == "sample":
        sample = samples.payload_text(workflow, sent.data.get("past", "")) or sample
    elif sample is not None:
        shown = now.sample or samples.sample_payload(workflow)
        sample = None if sample.replace("\r\n", "\n") == shown else storable(sample)
    note = sent.data.get("note")
    note = None if note is None else storable(note.strip())
    return working.keep(
        workflow.pk, edit.text, token=sent.token, sample=sample, note=note, undoable=bool(edit.said)
    )


def _answer(request: HttpRequest, workflow: Workflow, desk: Desk, sent: Sent, edit: Edit) -> HttpResponse:
    if edit.problems and sent.verb:
        trouble = Trouble(_("A value cannot be read, so it is not kept yet."))
        return show(desk, status=UNREADABLE, trouble=trouble)
    if sent.is_saving:
        return save(request, desk, sent)
    if not sent.verb:
        return show_pieces(desk) if htmx.is_htmx(request) else HttpResponse(status=204)
    undo = f"{reverse('workflow_edit_undo', args=[workflow.pk])}?{urlencode({'revision': desk.working.revision})}"
    said = edit.said or (_("Kept, but not saved yet.") if sent.verb == "keep" else "")
    return go_on(desk, said, undo if edit.said else "", trouble=conflicts.standing(desk))


def _go(request: HttpRequest, to: str) -> HttpResponse:
    return htmx.go_to(to) if htmx.is_htmx(request) else HttpResponseRedirect(to)
