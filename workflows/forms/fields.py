"""Fields that several dialogs ask for, and the tick for warnings."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.web.time import zone_name
from workflows.services.pausing import CATEGORIES
from workflows.services.values import REASON_LEAST, REASON_MOST

CATEGORY_LABELS: Final = {
    "maintenance": _("Maintenance"),
    "outage": _("Outage"),
    "failures": _("Failures"),
    "rule change": _("Rule change"),
    "testing": _("Testing"),
    "season": _("Season"),
    "other": _("Other"),
}


class StandingChoice(forms.ChoiceField):
    """A choice that stands at its initial value: a sender who leaves it out, as scripts do, means that one."""

    def clean(self, value: Any) -> Any:
        return super().clean(value or self.initial)


class NoFields(forms.Form):
    """For verbs that only need to be confirmed."""


def reason_field() -> forms.CharField:
    """Why, in the person's own words. The services check its length after trimming."""
    return forms.CharField(
        label=_("Reason"),
        # A % here would translate once, when the module is loaded.
        help_text=format_lazy(
            _("{least} to {most} characters, for whoever comes next."), least=REASON_LEAST, most=REASON_MOST
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why, in a few words.")},
    )


def name_field() -> forms.CharField:
    """A workflow's name; how long and whether it is free is the services' business."""
    return forms.CharField(
        label=_("Name"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("A workflow needs a name.")},
    )


def category_field() -> forms.ChoiceField:
    choices = [("", _("No category")), *((word, CATEGORY_LABELS[word]) for word in CATEGORIES)]
    return forms.ChoiceField(label=_("Category"), choices=choices, required=False)


class ExpectedResumeField(forms.DateTimeField):
    """A time in the person's zone, which its help names."""

    def __init__(self) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(label=_("Expected resume"), required=False, widget=widget)


def zone_help() -> str:
    """In which zone a time is read."""
    return str(_("In your time zone, %(zone)s.") % {"zone": zone_name(timezone.localtime())})


def offer(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    """Give a field of rows what may be chosen for this request."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


def offer_words(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Give a field of words what may be chosen for this request."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


class WarningsForm(forms.Form):
    """Asks for a tick when there are warnings."""

    def __init__(self, *args: Any, warnings: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if warnings:
            label = ngettext("Accept this warning", "Accept these %(n)d warnings", warnings)
            self.fields["accept_warnings"] = forms.BooleanField(
                label=label % {"n": warnings},
                error_messages={"required": _("Tick this to go on in spite of the warnings.")},
            )
