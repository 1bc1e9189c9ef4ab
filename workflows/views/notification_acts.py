"""The dialogs about recipients: GET asks, POST does; and the button that sends a failed notice again."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from config.web import htmx
from config.web.dialogs import Dialog
from workflows import access
from workflows.access import Principal
from workflows.lifecycle import ValueRefused
from workflows.models import NoticeDelivery, NoticeRecipient, Scope
from workflows.models.notice import ABOUT_WORKFLOWS, RECIPIENT_LENGTH
from workflows.services.recipients import (
    RecipientGone,
    add_recipient,
    change_recipient,
    remove_recipient,
    send_again,
)
from workflows.views.asking import Family, ask_or_do, revision_of

FAMILY = Family(
    "notifications:list", "notifications-changed", RecipientGone, "workflows/maintenance/_act.html"
)
asks_and_does = require_http_methods(["GET", "POST"])
RHYTHMS = [("", gettext_lazy("At once")), ("digest", gettext_lazy("Once a day, as a digest"))]


class RhythmForm(forms.Form):
    """Of what, and how often."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Told of"),
        choices=[(kind.value, kind.label) for kind in ABOUT_WORKFLOWS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked means all, later kinds too."),
    )
    rhythm = forms.ChoiceField(
        label=gettext_lazy("When"), choices=RHYTHMS, required=False, widget=forms.RadioSelect
    )

    @property
    def in_digest(self) -> bool:
        """Whether once a day was chosen."""
        return bool(self.cleaned_data["rhythm"] == "digest")


class RecipientForm(RhythmForm):
    """A new recipient in one of the scopes where the person manages recipients."""

    recipient = forms.CharField(
        label=gettext_lazy("Recipient"),
        max_length=RECIPIENT_LENGTH,
        help_text=gettext_lazy("An e-mail address, a person's user name, or a chat connection's name."),
    )
    scope = forms.ModelChoiceField(
        label=gettext_lazy("Scope"),
        queryset=Scope.objects.none(),
        help_text=gettext_lazy("They are told about its workflows, and about those of the scopes inside it."),
    )
    field_order = ("recipient", "scope", "kinds", "rhythm")

    def __init__(self, principal: Principal, data: Any = None) -> None:
        super().__init__(data)
        scopes = access.scopes_where(principal, "recipients")
        field = self.fields["scope"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = scopes
        field.initial = scopes.first()


@asks_and_does
def add(request: HttpRequest) -> HttpResponse:
    """A new recipient."""
    if not access.may(request.user, "recipients"):
        raise PermissionDenied(_("Adding recipients needs the role Manager."))
    form = RecipientForm(request.user, request.POST or None)

    def act() -> str:
        given = form.cleaned_data
        changed, row = add_recipient(
            given["recipient"], scope=given["scope"], kinds=given["kinds"], in_digest=form.in_digest
        )
        line = (
            _("%(name)s will be told.") if changed else _("Nothing to do: %(name)s is told just so already.")
        )
        return line % {"name": row.recipient}

    dialog = Dialog(_("Add recipient"), confirm=_("Add"), back=reverse("notifications:list"))
    return ask_or_do(request, FAMILY, dialog, act, form=form)


@asks_and_does
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Other kinds, another rhythm."""
    row = _theirs(request, pk)
    initial = {"kinds": row.kinds, "rhythm": "digest" if row.in_digest else ""}
    form = RhythmForm(request.POST if request.method == "POST" else None, initial=initial)

    def act() -> str:
        changed, now = change_recipient(
            pk, kinds=form.cleaned_data["kinds"], in_digest=form.in_digest, revision=revision_of(request)
        )
        line = _("Saved %(name)s.") if changed else _("Nothing to do: %(name)s is told just so already.")
        return line % {"name": now.recipient}

    return ask_or_do(request, FAMILY, _about(row, _("Change recipient"), _("Save")), act, form=form)


@asks_and_does
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Told no more."""
    row = _theirs(request, pk)
    sentence = _("Of the workflows of %(scope)s they are told no more, unless a workflow names them itself.")
    dialog = _about(
        row, _("Remove recipient"), _("Remove"), sentence=sentence % {"scope": row.scope.name}, danger=True
    )

    def act() -> str:
        remove_recipient(pk)
        return _("Removed %(name)s.") % {"name": row.recipient}

    return ask_or_do(request, FAMILY, dialog, act)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a failed delivery once more."""
    seen = access.visible_to(request.user, NoticeDelivery.objects.select_related("notice"))
    row = seen.filter(pk=pk).first()
    if row is None:
        raise Http404
    if not access.may(request.user, "recipients", row.notice):
        raise PermissionDenied(_("Sending a notice again needs the role Manager in its scope."))
    try:
        changed, row = send_again(pk)
        line = _("It is sent again to %(name)s.") if changed else _("Nothing to do: it has not failed.")
        said = line % {"name": row.named}
    except ValueRefused as refused:
        said = refused.message
    return htmx.finish(request, FAMILY.event, to=reverse(FAMILY.listed), notice=said)


def _theirs(request: HttpRequest, pk: int) -> NoticeRecipient:
    rows = NoticeRecipient.objects.select_related("scope")
    row = access.visible_or_404(request.user, rows, pk=pk)
    if not access.may(request.user, "recipients", row):
        raise PermissionDenied(_("This needs the role Manager in the scope of the recipient."))
    return row


def _about(row: NoticeRecipient, title: str, confirm: str, **more: Any) -> Dialog:
    return Dialog(
        title,
        subject=f"{row.recipient}, {row.scope.name}",
        confirm=confirm,
        back=reverse("notifications:list"),
        revision=row.revision,
        **more,
    )
