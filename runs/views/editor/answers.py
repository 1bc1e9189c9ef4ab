"""What the editor shows after each act: the whole page, or to htmx all but the text, which stays where it is."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.web import htmx
from config.web.dialogs import idempotency_key
from config.web.htmx import vary_on_htmx, wants_partial
from runs.menus import verb_url
from runs.views.differences import Differences, differences
from runs.views.editor.testing import find_test, sample_payload, test_context
from runs.views.findings import LinedFinding, with_lines
from workflows import checking, files
from workflows.definition.lines import line_numbers, line_of
from workflows.lifecycle import TRANSITIONS, Status
from workflows.models import Workflow


@dataclass(frozen=True)
class Answer:
    """The text as it was sent or stands, and what is to be said about it.

    `findings` are those of a refused text; of a stored one the check list is made here. `is_conflict`: somebody
    else saved meanwhile, so both sides are shown.
    """

    text: str
    status: int = 200
    said: str = ""
    refusal: str = ""
    findings: list[LinedFinding] = field(default_factory=list)
    payload: str | None = None
    run_id: str = ""
    is_sent: bool = False
    is_conflict: bool = False


def stored_text(workflow: Workflow) -> str:
    """What stands: the draft, else the published version."""
    version = workflow.draft or workflow.published
    return files.export_text(workflow, version) if version else ""


def render_editor(request: HttpRequest, workflow: Workflow, answer: Answer) -> HttpResponse:
    """The answer as a page, or as the pieces that htmx puts around the text."""
    partial = wants_partial(request)
    context = {
        "workflow": workflow,
        "answer": answer,
        "is_partial": partial,
        "idempotency_key": idempotency_key(request, status=answer.status),
        "is_read_only": workflow.status == Status.ARCHIVED,
        **_state(request, workflow, answer),
        **_results(request, workflow, answer),
    }
    if not partial:
        context["payload"] = _payload(request, workflow, answer)
        context["at_line"] = line_of(request.GET.get("at", ""), line_numbers(answer.text)) or ""
    template = "runs/editor/_answer.html" if partial else "runs/editor/page.html"
    response = vary_on_htmx(render(request, template, context, status=answer.status))
    if partial and answer.said:
        return htmx.with_events(response, {"notice": htmx.notice(answer.said)})
    return response


def _state(request: HttpRequest, workflow: Workflow, answer: Answer) -> dict[str, Any]:
    """Which revision the text is based on: after a conflict or a refusal still the one that was sent."""
    revision: Any = workflow.revision
    if answer.is_sent and answer.status != 200 and not _was_saved(answer):
        revision = request.POST.get("revision", "")
    draft = workflow.draft
    saved_at = (
        draft.history.order_by("-history_id").values_list("history_date", flat=True).first()
        if draft
        else None
    )
    publishes = "run" if workflow.status == Status.DRAFT else "publish"
    return {
        "revision": revision,
        "saved_at": saved_at,
        "publishes": publishes,
        "publishes_label": TRANSITIONS[publishes].label,
        "discard_url": verb_url(workflow, "discard-draft") if workflow.has_unpublished_changes else "",
    }


def _was_saved(answer: Answer) -> bool:
    """A refused test comes after its text was saved."""
    return answer.payload is not None


def _results(request: HttpRequest, workflow: Workflow, answer: Answer) -> dict[str, Any]:
    results: dict[str, Any] = {"findings": answer.findings, "passed": [], "is_checked": False}
    if answer.status == 200 and workflow.status != Status.ARCHIVED and (workflow.draft or workflow.published):
        checked = checking.check_workflow(workflow)
        results = {
            "findings": with_lines(checked.findings, answer.text),
            "passed": checked.passed,
            "is_checked": True,
        }
    if answer.is_conflict:
        results |= {"theirs": stored_text(workflow), "diff": _against(workflow, answer.text)}
    run = find_test(workflow, answer.run_id) if answer.run_id else None
    return results | (test_context(run) if run else {})


def _against(workflow: Workflow, text: str) -> Differences | None:
    """What the sent text changes of what stands now."""
    version = workflow.draft or workflow.published
    if version is None:
        return None
    return differences(files.document_of(version), files.read_one(text).document)


def _payload(request: HttpRequest, workflow: Workflow, answer: Answer) -> str:
    if answer.payload is not None:
        return answer.payload
    return request.POST.get("payload", "") or sample_payload(workflow)
