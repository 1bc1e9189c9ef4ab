"""Rotating a webhook trigger's secret: generated and shown once, or typed; nobody can read it afterwards."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from config.web import htmx, policy
from config.web.dialogs import Dialog, render_dialog
from runs.views.verbs.frame import visible
from workflows import services
from workflows.lifecycle import Refusal, ValueRefused
from workflows.models import Trigger, Workflow
from workflows.services import Rotation, WorkflowGone, receipts


class RotateForm(forms.Form):
    """A new secret: typed, or generated where the field stays empty."""

    secret = forms.CharField(
        label=gettext_lazy("New secret"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy("Leave it empty to have one generated; it is then shown once."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
    )
    revoke_previous = forms.BooleanField(
        label=gettext_lazy("End the present secret at once"),
        required=False,
        help_text=gettext_lazy("Otherwise both are valid for 24 hours, so that senders can change over."),
    )


@require_http_methods(["GET", "POST"])
def rotate_secret(request: HttpRequest, pk: int, trigger_id: str) -> HttpResponse:
    """GET asks, POST rotates. Sent twice with one key, it rotates once."""
    workflow = visible(request, pk)
    trigger = workflow.triggers.filter(trigger_id=trigger_id, kind="webhook").first()
    if trigger is None:
        raise Http404
    if not policy.may(request.user, "secrets", workflow):
        raise PermissionDenied(
            _("Secrets need the role Manager in %(scope)s.") % {"scope": workflow.scope.name}
        )
    if request.method == "GET":
        return _ask(request, workflow, trigger, RotateForm())
    form = RotateForm(request.POST)
    if not form.is_valid():
        return _ask(request, workflow, trigger, form)
    return _rotate(request, workflow, trigger, form)


def _rotate(request: HttpRequest, workflow: Workflow, trigger: Trigger, form: RotateForm) -> HttpResponse:
    done: list[Rotation] = []

    def act() -> str:
        given = form.cleaned_data
        rotation = services.rotate_trigger_secret(
            workflow.pk,
            trigger.trigger_id,
            value=given["secret"] or None,
            revoke_previous=given["revoke_previous"],
        )
        done.append(rotation)
        return rotation.message

    try:
        key = request.POST.get("idempotency_key", "")
        message = receipts.once(key, f"secret {workflow.pk} {trigger.trigger_id}", act)
    except WorkflowGone as gone:
        raise Http404 from gone
    except ValueRefused as refusal:
        for finding in refusal.findings:
            form.add_error("secret", f"{finding['message']} {finding['fix']}".strip())
        return _ask(request, workflow, trigger, form)
    except Refusal as refusal:
        return _ask(request, workflow, trigger, form, refusal=refusal.message)
    if done and done[0].secret:
        return _reveal(request, workflow, trigger, done[0].secret)
    return htmx.finish(
        request, "workflow-changed", to=_settings(workflow), notice=message or _said(trigger, done)
    )


def _said(trigger: Trigger, done: list[Rotation]) -> str:
    if done:
        return _("The secret of %(trigger)s is set.") % {"trigger": trigger.trigger_id}
    return _("This was done already. A generated secret is shown once; rotate again if it got lost.")


def _reveal(request: HttpRequest, workflow: Workflow, trigger: Trigger, secret: str) -> HttpResponse:
    dialog = Dialog(
        title=_("New secret"),
        subject=f"{workflow.name} · {trigger.trigger_id}",
        back=_settings(workflow),
        wide=True,
    )
    answer = render_dialog(
        request, dialog, template="workflows/secret_shown.html", context={"secret": secret}
    )
    return htmx.with_events(answer, {"workflow-changed": {}})


def _ask(
    request: HttpRequest, workflow: Workflow, trigger: Trigger, form: RotateForm, *, refusal: str = ""
) -> HttpResponse:
    is_set = bool(trigger.secret)
    dialog = Dialog(
        title=_("Rotate secret") if is_set else _("Set secret"),
        subject=f"{workflow.name} · {trigger.trigger_id}",
        sentence=_("Senders sign with it. It is stored encrypted, and nobody can read it afterwards."),
        confirm=_("Rotate secret") if is_set else _("Set secret"),
        back=_settings(workflow),
        revision=workflow.revision,
    )
    if not is_set:
        del form.fields["revoke_previous"]
    context: dict[str, Any] = {"refusal": refusal}
    return render_dialog(request, dialog, form=form, status=409 if refusal else 200, context=context)


def _settings(workflow: Workflow) -> str:
    return reverse("workflow_settings", args=[workflow.pk])
