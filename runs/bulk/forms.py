"""What bulk dialogs ask for, once for all rows."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from workflows.forms import PauseForm, ResumeForm
from workflows.forms.fields import offer_words
from workflows.forms.pausing import AS_DEFINED, TRIGGER_LABELS

Choices = list[tuple[str, str | Promise]]


class RunManyForm(forms.Form):
    """Whether those with warnings start too."""

    accept_warnings = forms.BooleanField(
        label=_("Start those with warnings too"),
        required=False,
        help_text=_("Each one is checked when its turn comes. Those with errors never start."),
    )


class PauseManyForm(PauseForm):
    """As for one; what triggers do meanwhile is by default what each definition says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["triggers"].initial = AS_DEFINED
        offer_words(self, "triggers", [(AS_DEFINED, _("As each definition says")), *TRIGGER_LABELS])


class ResumeManyForm(ResumeForm):
    """As for one; the pace is by default what each definition says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, pace=0, **kwargs)
        if pace := self.fields.get("pace"):
            pace.required, pace.initial = False, None
            pace.help_text = _("For each workflow. Empty: as its definition says.")


class ArchiveManyForm(forms.Form):
    """Whether those that run are stopped first, and why."""

    def __init__(self, *args: Any, running: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if running:
            label = ngettext_lazy("Stop the one that runs first", "Stop the %(n)d that run first", running)
            self.fields["stop_first"] = forms.BooleanField(label=label % {"n": running}, required=False)
            self.fields["reason"] = forms.CharField(
                label=_("Reason"),
                required=False,
                help_text=_("Why they are stopped; 3 to 500 characters."),
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("stop_first") and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why they are stopped, in a few words."))
        return cleaned


class TagManyForm(forms.Form):
    """Tags to add and to take away."""

    add = forms.CharField(label=_("Add tags"), required=False, help_text=_("Separated by commas."))
    remove = forms.CharField(label=_("Remove tags"), required=False, help_text=_("Separated by commas."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        tags = {name: _tags(cleaned.get(name, "")) for name in ("add", "remove")}
        if not any(tags.values()):
            self.add_error("add", _("Name a tag to add or to remove."))
        return tags


def _tags(text: str) -> list[str]:
    return [" ".join(tag.split()) for tag in text.split(",") if tag.strip()]


class LastingForm(forms.Form):
    """The tick for what cannot be brought back."""

    def __init__(self, data: Any = None, *, count: int) -> None:
        super().__init__(data)
        label = ngettext_lazy("This one cannot be brought back", "These %(n)d cannot be brought back", count)
        self.fields["tick"] = forms.BooleanField(
            label=label % {"n": count},
            error_messages={"required": _("Tick the box, or close the dialog.")},
        )


class ReplayManyForm(forms.Form):
    """From where, and on which version."""

    start = forms.ChoiceField(
        label=_("Start"),
        widget=forms.RadioSelect,
        initial="failed",
        choices=[
            ("failed", _("From the failed step where there is one; what finished before is reused")),
            ("beginning", _("From the beginning")),
        ],
    )
    version = forms.ChoiceField(
        label=_("Version"),
        widget=forms.RadioSelect,
        initial="same",
        choices=[("same", _("Its own, as before")), ("published", _("The one published now"))],
    )
