"""Import: a file or a text, then a preview; nothing is written before it is confirmed."""

from typing import Any, Final

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from config.web import htmx, policy
from config.web.dialogs import idempotency_key
from runs.views.differences import differences
from runs.views.findings import with_lines
from runs.views.verbs.frame import visible
from workflows import access, files
from workflows.files import FileRefused
from workflows.import_preview import Planned, preview, preview_into
from workflows.lifecycle import Refusal, ValueRefused
from workflows.models import Scope, Workflow
from workflows.services import Imported, WorkflowGone, import_file, receipts

LONGEST: Final = 2 * 1024 * 1024


class ImportForm(forms.Form):
    """A file, or its text."""

    file = forms.FileField(label=gettext_lazy("File"), required=False, allow_empty_file=True)
    text = forms.CharField(
        label=gettext_lazy("Or its text"),
        required=False,
        strip=False,
        help_text=gettext_lazy("JSON or YAML; one workflow, or several."),
        widget=forms.Textarea(attrs={"class": "code", "rows": 16, "spellcheck": "false", "wrap": "off"}),
    )
    replace_draft = forms.BooleanField(required=False)

    def __init__(self, *args: Any, into: Workflow | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if into is None or into.draft is None:
            del self.fields["replace_draft"]
            return
        number = into.draft.number
        self.fields["replace_draft"].label = _("Replace the draft, version %(number)d") % {"number": number}

    def clean(self) -> dict[str, Any]:
        """`source`: the text of the file, else the one that was typed."""
        cleaned = super().clean() or {}
        given = cleaned.get("file")
        if given is not None and given.size > LONGEST:
            self.add_error("file", _("The file is too large."))
            return cleaned
        try:
            source = given.read().decode("utf-8-sig") if given is not None else cleaned.get("text") or ""
        except UnicodeDecodeError:
            self.add_error("file", _("The file is not UTF-8 text."))
            return cleaned
        cleaned["source"] = source.replace("\r\n", "\n")
        if not cleaned["source"].strip():
            self.add_error("text", _("Choose a file, or paste its text."))
        if "replace_draft" in self.fields and not cleaned.get("replace_draft"):
            self.add_error(
                "replace_draft", _("There is a draft already. Tick this, or publish or discard it first.")
            )
        return cleaned


@require_http_methods(["GET", "POST"])
def workflow_import(request: HttpRequest) -> HttpResponse:
    """GET asks; POST shows findings or a preview, and with `confirm` imports. `?into=` names an existing workflow."""
    into = _into(request)
    if not policy.may(request.user, "import", into):
        raise PermissionDenied(_("Importing needs the role Editor in the scope."))
    if request.method == "GET":
        return _show(request, into, ImportForm(into=into))
    form = ImportForm(request.POST, request.FILES, into=into)
    if not form.is_valid():
        return _show(request, into, form, status=422)
    try:
        planned = _planned(request, into, form.cleaned_data["source"])
        if "confirm" in request.POST:
            return _import(request, into, form)
    except FileRefused as refusal:
        return _refuse(request, into, form, refusal)
    except WorkflowGone as gone:
        raise Http404 from gone
    except Refusal as refusal:
        return _show(request, into, form, status=refusal.http_status, refusal=refusal.message)
    return _show(request, into, form, planned=planned)


def _into(request: HttpRequest) -> Workflow | None:
    named = request.POST.get("into") or request.GET.get("into", "")
    if not named:
        return None
    if not (named.isascii() and named.isdigit() and len(named) < 19):
        raise Http404
    return visible(request, int(named))


def _planned(request: HttpRequest, into: Workflow | None, text: str) -> list[Planned]:
    if into is None:
        return preview(text, permitted=lambda scope: _may(request, scope))
    return [preview_into(text, into)]


def _may(request: HttpRequest, scope: Scope) -> bool:
    return access.may_in(request.user, "import", scope)


def _import(request: HttpRequest, into: Workflow | None, form: ImportForm) -> HttpResponse:
    done: list[Imported] = []

    def act() -> str:
        imported = import_file(
            form.cleaned_data["source"],
            into=into.pk if into else None,
            replace_draft=form.cleaned_data.get("replace_draft", False),
            permitted=lambda scope: _may(request, scope),
        )
        done.append(imported)
        return ",".join(str(workflow.pk) for workflow in imported.workflows)

    verb = f"import {into.pk}" if into else "import"
    pks = receipts.once(request.POST.get("idempotency_key", ""), verb, act).split(",")
    htmx.tell(request, _said(into, len(pks), done))
    if into is not None:
        return HttpResponseRedirect(reverse("workflow_edit", args=[into.pk]))
    to = reverse("workflow_page", args=[pks[0]]) if len(pks) == 1 else reverse("workflow_list")
    return HttpResponseRedirect(to)


def _said(into: Workflow | None, count: int, done: list[Imported]) -> str:
    if done and done[0].message:
        return done[0].message
    if into is not None:
        return _("The file is the draft of %(name)s now.") % {"name": into.name}
    return ngettext(
        "%(n)d workflow is imported as a Draft.", "%(n)d workflows are imported as Drafts.", count
    ) % {"n": count}


def _refuse(
    request: HttpRequest, into: Workflow | None, form: ImportForm, refusal: ValueRefused
) -> HttpResponse:
    findings = with_lines(refusal.findings, form.cleaned_data["source"])
    return _show(request, into, form, status=422, refusal=refusal.message, findings=findings)


def _show(
    request: HttpRequest, into: Workflow | None, form: ImportForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The text that was read stands in the text field from then on, so that a file is sent once."""
    planned: list[Planned] | None = more.get("planned")
    # A refused form keeps what was typed.
    source = getattr(form, "cleaned_data", {}).get("source")
    context = {
        "form": form,
        "into": into,
        "source": form["text"].value() or "" if source is None else source,
        "idempotency_key": idempotency_key(request, status=status),
        "replaces": form.is_bound and bool(form.cleaned_data.get("replace_draft")),
        "diff": _against(into, planned[0]) if into and planned else None,
        **more,
    }
    return render(request, "workflows/import.html", context, status=status)


def _against(into: Workflow, planned: Planned) -> Any:
    version = into.draft or into.published
    return differences(files.document_of(version), planned.document) if version else None
