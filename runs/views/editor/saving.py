"""Save, Check, Test, Publish changes and Run: each makes one version of the working copy, then goes on."""

from dataclasses import replace
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from config.web import htmx
from runs.menus import verb_url
from runs.views.editor.answers import Trouble, go_on, opened, show_pieces
from runs.views.editor.conflicts import saved_elsewhere
from runs.views.editor.desk import Desk
from runs.views.editor.sent import Sent
from runs.views.editor.testing import TestRefused, start_test
from runs.views.verbs.frame import visible
from workflows.definition.findings import Finding
from workflows.lifecycle import Refusal, Stale
from workflows.services import VerbResult, working

PUBLISHES: Final = ("publish", "run")


def save(request: HttpRequest, desk: Desk, sent: Sent) -> HttpResponse:
    """Commit what the desk shows. What is refused stays in the working copy, with its reasons."""
    try:
        saved = working.commit(desk.workflow.pk, token=desk.working.token, over=sent.over)
    except Stale as refusal:
        return show_pieces(desk, status=refusal.http_status, trouble=saved_elsewhere(desk, refusal.message))
    except Refusal as refusal:
        return show_pieces(desk, status=refusal.http_status, trouble=Trouble(refusal.message))
    workflow = visible(request, desk.workflow.pk)
    now = working.working(workflow)
    fresh = Desk(request, workflow, now, desk.text, opened=desk.opened)
    if sent.verb in PUBLISHES:
        to = verb_url(workflow, sent.verb)
        return htmx.go_to(to) if htmx.is_htmx(request) else HttpResponseRedirect(to)
    if sent.verb == "test":
        return _test(request, fresh, _said(saved))
    said = " ".join([_said(saved), *_ignored(saved.figures["findings"])])
    # After a choice between two sides the whole editor is drawn anew: it was at rest meanwhile.
    return go_on(fresh, said) if sent.over else _done(request, fresh, said)


def _test(request: HttpRequest, desk: Desk, said: str) -> HttpResponse:
    try:
        run_id = start_test(request, desk.workflow)
    except TestRefused as refused:
        trouble = Trouble(f"{said} {refused}")
        return show_pieces(desk, status=refused.status, trouble=trouble)
    workflow = visible(request, desk.workflow.pk)
    tested = replace(desk, workflow=workflow, tested=run_id)
    if htmx.is_htmx(request):
        return _done(request, tested, said)
    to = opened(desk)
    return HttpResponseRedirect(f"{to}{'&' if '?' in to else '?'}tested={run_id}")


def _done(request: HttpRequest, desk: Desk, said: str) -> HttpResponse:
    if htmx.wants_partial(request):
        return htmx.with_events(show_pieces(desk), {"notice": htmx.notice(said)})
    htmx.tell(request, said)
    return HttpResponseRedirect(opened(desk))


def _said(saved: VerbResult) -> str:
    if not saved.changed:
        return _("Nothing changed since it was saved.")
    number = saved.workflow.draft.number if saved.workflow.draft else 0
    return _("Saved as the draft, version %(number)d.") % {"number": number}


def _ignored(findings: list[Finding]) -> list[str]:
    return [f"{finding.message} {finding.fix}".strip() for finding in findings]
