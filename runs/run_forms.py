"""What the dialogs of runs ask for."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs.forms import JsonField

Choices = list[tuple[str, str | Promise]]


class NoFields(forms.Form):
    """A plain question."""


class DiscardForm(forms.Form):
    """What is discarded is lost, so it needs a tick."""

    tick = forms.BooleanField(
        label=_("This cannot be brought back"),
        error_messages={"required": _("Tick the box, or close the dialog.")},
    )


class DecideForm(forms.Form):
    """What became of a step whose worker died after sending."""

    def __init__(self, data: Any = None, *, choices: Choices, chosen: str = "") -> None:
        super().__init__(data)
        # `as` is a word of Python, so that the field cannot be an attribute of the class.
        self.fields["as"] = forms.ChoiceField(
            label=_("What is true"),
            choices=choices,
            initial=chosen,
            widget=forms.HiddenInput if chosen else forms.RadioSelect,
            error_messages={"required": _("Choose what is true.")},
        )


class ReplayForm(forms.Form):
    """From where, on which version, and with what; questions with one answer are left away."""

    start = forms.ChoiceField(label=_("Start"), widget=forms.RadioSelect)
    version = forms.ChoiceField(label=_("Version"), widget=forms.RadioSelect)
    payload = JsonField(
        label=_("Input"),
        required=False,
        help_text=_("JSON. What the trigger brought; change it if it was wrong."),
    )

    def __init__(self, data: Any = None, *, starts: Choices, versions: Choices, payload: str) -> None:
        initial = {"start": starts[0][0], "version": versions[0][0] if versions else "", "payload": payload}
        super().__init__(data, initial=initial)
        for name, choices in (("start", starts), ("version", versions)):
            if len(choices) < 2:
                del self.fields[name]
            else:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["payload"].widget.attrs["rows"] = 10
