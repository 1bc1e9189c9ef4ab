"""What the dialogs about connections ask for. Secrets are asked for and never shown."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows import access
from workflows.access import Principal
from workflows.lifecycle import Refusal
from workflows.models import Connection, Scope
from workflows.services.connection_values import Credentials


def secret_field(**kwargs: Any) -> forms.CharField:
    """A write-only field: whatever is typed is never sent back, not even after bad input."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"})
    return forms.CharField(max_length=4000, strip=True, widget=widget, **kwargs)


class CredentialsForm(forms.Form):
    """How requests authenticate."""

    auth = forms.ChoiceField(label=_("Authentication"), choices=Connection.Auth.choices)
    username = forms.CharField(
        label=_("User name"), required=False, max_length=200, help_text=_("For “User and password” only.")
    )
    header_name = forms.CharField(
        label=_("Header name"),
        required=False,
        max_length=100,
        help_text=_("For “Own header” only; X-API-Key if left empty."),
    )
    secret = secret_field(label=_("Secret"), required=False)

    def credentials(self) -> Credentials:
        """What was given, for the service."""
        given = self.cleaned_data
        return Credentials(given["auth"], given["username"], given["header_name"], given["secret"])


class CreateForm(CredentialsForm):
    """A new connection in one of the scopes where the person manages connections."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("Steps refer to it, so it cannot change later.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Connection.Kind.choices)
    scope = forms.ModelChoiceField(
        label=_("Scope"),
        queryset=Scope.objects.none(),
        help_text=_("Workflows of this scope and of those inside it can use the connection."),
    )
    base_url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("Steps add path and query. A chat webhook's address is kept as a secret."),
    )
    field_order = ("name", "kind", "scope", "base_url", "auth", "username", "header_name", "secret")

    def __init__(self, principal: Principal, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["auth"].required = False
        self.fields["secret"].help_text = _("It may also be set later. Nobody can read it afterwards.")
        scopes = access.scopes_where(principal, "manage_connections")
        self.fields["scope"].queryset = scopes  # type: ignore[attr-defined]
        self.fields["scope"].initial = scopes.filter(kind=Scope.Kind.WORKSPACE).first() or scopes.first()


class EditForm(CredentialsForm):
    """Address and authentication of a connection; its name, kind and scope stay."""

    base_url = forms.CharField(label=_("Address"), max_length=500, widget=forms.URLInput())
    field_order = ("base_url", "auth", "username", "header_name", "secret")

    def __init__(self, connection: Connection, data: Any = None) -> None:
        names = ("base_url", "auth", "username", "header_name")
        super().__init__(data, initial={name: getattr(connection, name) for name in names})
        keeps = _("Leave it empty to keep the one that is set.")
        self.fields["secret"].help_text = keeps if connection.secret else ""
        if connection.kind == Connection.Kind.CHAT:
            for name in ("auth", "username", "header_name", "secret"):
                del self.fields[name]
            self.fields["base_url"].help_text = _(
                "Only its beginning is shown. Paste a whole address to replace it."
            )

    def credentials(self) -> Credentials | None:  # type: ignore[override]
        """What was given; None for a chat webhook, which has no other than its address."""
        return super().credentials() if "auth" in self.fields else None


class SecretForm(forms.Form):
    """A new secret in place of the present one."""

    secret = secret_field(label=_("New secret"))

    def __init__(self, connection: Connection, data: Any = None) -> None:
        super().__init__(data)
        if connection.kind == Connection.Kind.CHAT:
            self.fields["secret"].label = _("New webhook address")


class ConfirmForm(forms.Form):
    """The name, typed."""

    confirm = forms.CharField(
        label=_("Type the name to confirm"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )


def put_findings(form: forms.Form, refusal: Refusal) -> None:
    """Put each finding of a refused value at its field; what has no field goes on top."""
    for finding in refusal.findings:
        field = finding["path"] if finding["path"] in form.fields else None
        form.add_error(field, f"{finding['message']} {finding['fix']}".strip())
