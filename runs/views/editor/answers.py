"""How the editor answers: a whole page, to htmx the editor alone, or only the pieces around what is being typed."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from config.web import htmx
from config.web.dialogs import idempotency_key
from config.web.htmx import vary_on_htmx, wants_partial
from runs.menus import verb_url
from runs.views.differences import Differences
from runs.views.editor import samples
from runs.views.editor.chosen import FORM, MODES, query_of
from runs.views.editor.desk import Desk
from runs.views.editor.placed import placed
from runs.views.editor.testing import test_context
from workflows.lifecycle import TRANSITIONS, Status
from workflows.models import Workflow


@dataclass(frozen=True)
class Trouble:
    """What stands in the way: a sentence, and where two sides differ both of them.

    `mine` and `theirs` are what the buttons send; `theirs` may be an address instead. Without `is_kept` what was
    typed is in the form alone, and nothing more is kept before the person chose. `parts` can be taken over singly.
    """

    message: str
    diff: Differences | None = None
    theirs_text: str = ""
    mine: str = ""
    theirs: str = ""
    theirs_url: str = ""
    is_kept: bool = True
    parts: list[tuple[str, str]] = field(default_factory=list)


def address(workflow: Workflow, query: str = "") -> str:
    """The editor's address."""
    return f"{reverse('workflow_edit', args=[workflow.pk])}{'?' if query else ''}{query}"


def show(desk: Desk, *, status: int = 200, trouble: Trouble | None = None) -> HttpResponse:
    """The whole editor, as a page or to htmx by itself."""
    partial = wants_partial(desk.request)
    context = _context(desk, status=status, trouble=trouble)
    template = "runs/editor/_editor.html" if partial else "runs/editor/page.html"
    response = vary_on_htmx(render(desk.request, template, context, status=status))
    if partial and desk.request.method == "POST":
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#editor", "innerHTML"
    return response


def show_pieces(desk: Desk, *, status: int = 200, trouble: Trouble | None = None) -> HttpResponse:
    """To htmx what stands around the fields, which are left alone; else the whole page."""
    if not wants_partial(desk.request):
        return show(desk, status=status, trouble=trouble)
    context = {**_context(desk, status=status, trouble=trouble), "is_piece": True}
    response = vary_on_htmx(render(desk.request, "runs/editor/_pieces.html", context, status=status))
    response.headers["HX-Reswap"] = "none"
    if desk.chosen.path and opened(desk) != desk.request.get_full_path():
        response.headers["HX-Replace-Url"] = opened(desk)
    return response


def opened(desk: Desk) -> str:
    """The address that opens what is open now."""
    chosen = desk.chosen
    if chosen.path and desk.document is not None:
        return address(desk.workflow, query_of(desk.document, chosen.path))
    if chosen.mode != FORM:
        return address(desk.workflow, urlencode({"mode": chosen.mode}))
    return address(desk.workflow, urlencode({"add": chosen.add}) if chosen.add else "")


def go_on(desk: Desk, said: str = "", undo_url: str = "", *, trouble: Trouble | None = None) -> HttpResponse:
    """After an act: the editor with what is open now, and its address."""
    note = htmx.notice(said, undo_url=undo_url)
    if not wants_partial(desk.request):
        if said:
            htmx.tell(desk.request, note)
        return HttpResponseRedirect(opened(desk))
    response = show(desk, trouble=trouble)
    response.headers["HX-Push-Url"] = opened(desk)
    return htmx.with_events(response, {"notice": note}) if said else response


def _context(desk: Desk, *, status: int, trouble: Trouble | None) -> dict[str, Any]:
    workflow, request = desk.workflow, desk.request
    publishes = "run" if workflow.status == Status.DRAFT else "publish"
    return {
        "desk": desk,
        "workflow": workflow,
        "working": desk.working,
        "mode": desk.chosen.mode,
        "modes": [(mode, _mode_url(desk, mode)) for mode in MODES],
        "revision": _revision(desk, trouble),
        "idempotency_key": idempotency_key(request, status=status),
        "is_read_only": workflow.status == Status.ARCHIVED,
        "trouble": trouble,
        "findings": placed(desk),
        "passed": desk.checked.passed,
        "is_broken": desk.document is None,
        "saved_at": _saved_at(workflow),
        "publishes": publishes,
        "publishes_label": TRANSITIONS[publishes].label,
        "discard_url": verb_url(workflow, "discard-draft") if workflow.has_unpublished_changes else "",
        "past_runs": samples.past_runs(workflow),
        "here": opened(desk),
        "focus": desk.focus,
        **(test_context(desk.run) if desk.run else {}),
    }


def _mode_url(desk: Desk, mode: str) -> str:
    """The same part stays open from the drawing and the text back to the form."""
    return address(desk.workflow, "" if mode == FORM else urlencode({"mode": mode}))


def _revision(desk: Desk, trouble: Trouble | None) -> str:
    """While the person has to choose, still the state that was shown before."""
    return desk.working.token if trouble is None or trouble.is_kept else desk.request.POST.get("revision", "")


def _saved_at(workflow: Workflow) -> Any:
    if workflow.draft is None:
        return None
    dates = workflow.draft.history.order_by("-history_id").values_list("history_date", flat=True)
    return dates.first()
