"""The Settings tab: what belongs to the workflow changes here at once; what its definition says is only shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from config.web import htmx, policy
from config.web.time import duration
from runs.menus import verb_url
from runs.views.verbs.naming import undo_of_describing
from runs.views.workflow_page import frame
from runs.views.workflow_page.triggers import TriggerCard, trigger_cards
from workflows import services
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.definition.models import Settings
from workflows.forms import DescribeForm
from workflows.lifecycle import Refusal, Status, ValueRefused
from workflows.models import Workflow
from workflows.services import WorkflowGone

LONGEST_RUN: Final = timedelta(days=30)
UNLIMITED: Final = gettext_lazy("unlimited")
ACTIONS: Final = {
    "off": gettext_lazy("off"),
    "warn": gettext_lazy("warn"),
    "pause": gettext_lazy("pause"),
}


@dataclass(frozen=True)
class Setting:
    """One line of what the definition says."""

    label: str | Promise
    value: str | Promise


@require_http_methods(["GET", "POST"])
def workflow_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows; POST changes description, tags and owner: 403, 409 and 422 as for every verb."""
    workflow = frame.load(request, pk)
    answer = frame.head_answer(request, workflow)
    if answer is not None:
        return answer
    if request.method == "GET":
        return _show(request, workflow, _form(workflow))
    if not policy.may(request.user, "describe", workflow):
        raise PermissionDenied(
            _("Describing a workflow needs the role Editor in %(scope)s.") % {"scope": workflow.scope.name}
        )
    form = DescribeForm(request.POST, workflow=workflow)
    if not form.is_valid():
        return _show(request, workflow, form, status=422)
    return _describe(request, workflow, form)


def _describe(request: HttpRequest, workflow: Any, form: DescribeForm) -> HttpResponse:
    sent = request.POST.get("revision", "")
    revision = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
    try:
        done = services.describe(workflow.pk, **form.cleaned_data, revision=revision)
    except WorkflowGone as gone:
        raise Http404 from gone
    except ValueRefused as refusal:
        for finding in refusal.findings:
            form.add_error(finding["path"], f"{finding['message']} {finding['fix']}".strip())
        return _show(request, workflow, form, status=422)
    except Refusal as refusal:
        fresh = frame.load(request, workflow.pk)
        return _show(request, fresh, form, status=409, refusal=refusal.message)
    page = reverse("workflow_settings", args=[workflow.pk])
    said = _("The settings are saved.") if done.changed else done.message
    undo = undo_of_describing(workflow, done.workflow) if done.changed else ""
    return htmx.finish(request, "workflow-changed", to=page, notice=htmx.notice(said, undo_url=undo))


def _form(workflow: Workflow) -> DescribeForm:
    initial = {
        "description": workflow.description,
        "tags": ", ".join(workflow.tags),
        "owner": workflow.owner_id,
    }
    return DescribeForm(initial=initial, workflow=workflow)


def _show(
    request: HttpRequest, workflow: Any, form: DescribeForm, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    user, standing = request.user, workflow.status != Status.ARCHIVED
    version = workflow.published or workflow.draft
    context = {
        "form": form,
        "refusal": refusal,
        "revision": workflow.revision,
        "version": version,
        "may_describe": standing and policy.may(user, "describe", workflow),
        "move_url": verb_url(workflow, "move") if standing and policy.may(user, "move", workflow) else "",
        "may_rotate": standing and policy.may(user, "secrets", workflow),
        "webhooks": _webhooks(request, workflow),
        "settings": _settings(version),
    }
    template = "runs/workflow_page/settings.html"
    return frame.show(request, workflow, "workflow_settings", template, context, status=status)


def _webhooks(request: HttpRequest, workflow: Workflow) -> list[TriggerCard]:
    """The triggers with an address, of the published version and of the draft."""
    both = {
        card.id: card
        for version in (workflow.draft, workflow.published)
        for card in trigger_cards(request, workflow, version)
        if card.address
    }
    return [both[id_] for id_ in sorted(both)]


def _settings(version: Any) -> list[Setting]:
    try:
        return list(_lines(compile_definition(version.definition).settings)) if version else []
    except DefinitionRefused:
        return []


def _lines(settings: Settings) -> Iterator[Setting]:
    rule, paused = settings.failure_rule, settings.while_paused
    yield Setting(_("Runs at once"), str(settings.max_running or UNLIMITED))
    yield Setting(_("Starts per minute"), str(settings.starts_per_minute or UNLIMITED))
    yield Setting(_("Releases per minute"), str(settings.release_per_minute))
    yield Setting(_("Run timeout"), duration(settings.run_timeout or LONGEST_RUN))
    yield Setting(
        _("Failure rule"),
        _("%(action)s at %(percent)d %% of at least %(least)d runs in %(window)s, or %(row)d in a row")
        % {
            "action": ACTIONS[rule.action],
            "percent": round(rule.ratio * 100),
            "least": rule.min_runs,
            "window": duration(rule.window),
            "row": rule.in_a_row,
        },
    )
    yield Setting(
        _("While paused"),
        _("webhooks %(webhook)s, events %(event)s, schedules %(schedule)s") % paused.model_dump(),
    )
    yield Setting(_("Recipients"), ", ".join(settings.notify) or _("nobody"))
    minutes = settings.minutes_saved_per_run
    yield Setting(_("Minutes saved per run"), "—" if minutes is None else f"{minutes:g}")
    yield Setting(_("Payloads are kept"), duration(settings.keep_payloads) if settings.keep_payloads else "—")
    yield Setting(_("Redacted"), ", ".join(settings.redact) or _("nothing"))
