"""The draft as text: Save, Check, Test, Publish or Run. Each commits the text first; whatever is refused keeps it."""

from functools import partial
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.web import htmx, policy
from runs.menus import verb_url
from runs.views.editor.answers import Answer, render_editor, stored_text
from runs.views.editor.testing import TestRefused, start_test
from runs.views.findings import with_lines
from runs.views.verbs.frame import visible
from workflows import services
from workflows.definition.findings import Finding
from workflows.files import FileRefused
from workflows.lifecycle import Refusal, Stale
from workflows.models import Workflow
from workflows.services import VerbResult, WorkflowGone

PUBLISHES: Final = ("publish", "run")


@require_http_methods(["GET", "POST"])
def workflow_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the draft, or the published version where there is none; POST saves it and does what the button says."""
    workflow = visible(request, pk)
    if not policy.may(request.user, "edit", workflow):
        raise PermissionDenied(
            _("Editing a workflow needs the role Editor in %(scope)s.") % {"scope": workflow.scope.name}
        )
    if request.method == "GET":
        return render_editor(request, workflow, Answer(text=stored_text(workflow), run_id=_tested(request)))
    try:
        return _act(request, workflow)
    except WorkflowGone as gone:
        raise Http404 from gone


def _tested(request: HttpRequest) -> str:
    """The test whose result the page shows, from the address."""
    return request.GET.get("tested", "")


def _act(request: HttpRequest, workflow: Workflow) -> HttpResponse:
    text = request.POST.get("text", "").replace("\r\n", "\n")
    revision = _number(request.POST.get("over", "") or request.POST.get("revision", ""))
    answer = partial(Answer, text=text, is_sent=True)
    try:
        saved = services.save_draft(
            workflow.pk, text, revision=revision, note=request.POST.get("note", "").strip()
        )
    except FileRefused as refusal:
        findings = with_lines(refusal.findings, text)
        return render_editor(
            request, workflow, answer(status=422, refusal=refusal.message, findings=findings)
        )
    except Stale as refusal:
        return render_editor(
            request,
            visible(request, workflow.pk),
            answer(status=409, refusal=refusal.message, is_conflict=True),
        )
    except Refusal as refusal:
        return render_editor(request, workflow, answer(status=409, refusal=refusal.message))
    return _after_saving(request, saved, answer)


def _after_saving(request: HttpRequest, saved: VerbResult, answer: partial[Answer]) -> HttpResponse:
    workflow, wanted = visible(request, saved.workflow.pk), request.POST.get("do", "save")
    if wanted in PUBLISHES:
        to = verb_url(workflow, wanted)
        return htmx.go_to(to) if htmx.is_htmx(request) else HttpResponseRedirect(to)
    if wanted != "test":
        return _saved(request, workflow, saved, answer)
    try:
        run_id = start_test(request, workflow)
    except TestRefused as refused:
        said = f"{_said(saved)} {refused}"
        return render_editor(
            request, workflow, answer(status=refused.status, refusal=said, payload=refused.payload)
        )
    if htmx.wants_partial(request):
        tested = visible(request, workflow.pk)
        return render_editor(request, tested, answer(run_id=run_id, said=_said(saved)))
    return HttpResponseRedirect(f"{_address(workflow)}?tested={run_id}")


def _saved(
    request: HttpRequest, workflow: Workflow, saved: VerbResult, answer: partial[Answer]
) -> HttpResponse:
    said = " ".join([_said(saved), *_ignored(saved.figures["findings"])])
    if htmx.wants_partial(request):
        return render_editor(request, workflow, answer(said=said))
    htmx.tell(request, said)
    return HttpResponseRedirect(_address(workflow))


def _said(saved: VerbResult) -> str:
    if not saved.changed:
        return _("Nothing changed since it was saved.")
    number = saved.workflow.draft.number if saved.workflow.draft else 0
    return _("Saved as the draft, version %(number)d.") % {"number": number}


def _ignored(findings: list[Finding]) -> list[str]:
    return [f"{finding.message} {finding.fix}".strip() for finding in findings]


def _address(workflow: Workflow) -> str:
    return reverse("workflow_edit", args=[workflow.pk])


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
