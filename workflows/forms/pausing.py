"""What Pause, Change pause, Resume and Stop ask for."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from workflows.forms.fields import (
    ExpectedResumeField,
    StandingChoice,
    WarningsForm,
    category_field,
    offer_words,
    reason_field,
    zone_help,
)
from workflows.models import Workflow
from workflows.services.pausing import UNCHANGED, Unchanged
from workflows.services.resuming import PACE_MOST

IN_FLIGHT_LABELS: Final = [
    ("finish", _("Finish: they run to their end")),
    ("hold", _("Hold: each stops at its next step boundary and goes on after Resume")),
    ("cancel", _("Cancel: each ends at its next step boundary")),
]
TRIGGER_LABELS: Final = [
    ("hold", _("Hold: kept up to 7 days and released after Resume")),
    ("skip", _("Skip: accepted, recorded as skipped")),
]
AS_DEFINED: Final = "as_defined"
DISCARD: Final = "discard"


class PauseForm(forms.Form):
    """Why, until when, and what happens to runs and triggers meanwhile."""

    reason = reason_field()
    category = category_field()
    until = ExpectedResumeField()
    auto_resume = forms.BooleanField(label=_("Resume automatically then"), required=False)
    in_flight = StandingChoice(
        label=_("Runs in flight"), choices=IN_FLIGHT_LABELS, widget=forms.RadioSelect, initial="finish"
    )
    triggers = StandingChoice(
        label=_("Webhooks and events meanwhile"), choices=TRIGGER_LABELS, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, while_paused: tuple[str, str] = ("hold", "hold"), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].help_text = zone_help()
        webhook, event = while_paused
        triggers = self.fields["triggers"]
        triggers.initial = webhook
        if webhook != event:
            triggers.initial = AS_DEFINED
            label = _("As defined: webhooks %(webhook)s, events %(event)s") % {
                "webhook": webhook,
                "event": event,
            }
            offer_words(self, "triggers", [(AS_DEFINED, label), *TRIGGER_LABELS])

    def clean_triggers(self) -> str:
        chosen = self.cleaned_data["triggers"]
        return "" if chosen == AS_DEFINED else chosen


class ChangePauseForm(forms.Form):
    """What a pause says about itself."""

    reason = reason_field()
    category = category_field()
    until = ExpectedResumeField()
    auto_resume = forms.BooleanField(label=_("Resume automatically then"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].help_text = zone_help()

    @staticmethod
    def values_of(workflow: Workflow) -> dict[str, Any]:
        """What was said before, as initial values. Minutes are what the field can show."""
        return {
            "reason": workflow.reason,
            "category": workflow.category,
            "until": workflow.resume_expected_at,
            "auto_resume": workflow.auto_resume,
        }

    def chosen_until(self, before: datetime | None) -> datetime | Unchanged | None:
        """The chosen time; UNCHANGED where the field was not touched, which may show a time that has passed."""
        chosen: datetime | None = self.cleaned_data["until"]
        shown = before.replace(second=0, microsecond=0) if before else None
        return UNCHANGED if chosen == shown else chosen


class ResumeForm(WarningsForm):
    """What happens to what was held, class by class. Discarding needs a tick, since nothing brings it back."""

    def __init__(
        self, *args: Any, held_triggers: int, held_runs: int, ticks: int, pace: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.held = {"held": held_triggers, "held_runs": held_runs}
        if held_triggers:
            self._add_class("held", _("Held triggers"), held_triggers)
        if held_runs:
            self._add_class("held_runs", _("Held runs"), held_runs)
        if ticks:
            once = ngettext(
                "Run once for the skipped tick", "Run once for the %(n)d skipped ticks", ticks
            ) % {"n": ticks}
            choices = [("none", _("Do nothing for them")), ("once", once)]
            self.fields["missed_ticks"] = forms.ChoiceField(
                label=_("Schedules"), choices=choices, widget=forms.RadioSelect, initial="none"
            )
        if held_triggers or held_runs:
            self.fields["pace"] = forms.IntegerField(
                label=_("Released per minute"), min_value=1, max_value=PACE_MOST, initial=pace
            )
        self.order_fields(["held", "held_tick", "held_runs", "held_runs_tick", "missed_ticks", "pace"])

    def _add_class(self, name: str, label: Any, count: int) -> None:
        choices = [
            ("release", _("Release, oldest first")),
            (DISCARD, _("Discard")),
            ("keep", _("Keep held")),
        ]
        self.fields[name] = forms.ChoiceField(
            label=label, choices=choices, widget=forms.RadioSelect, initial="release"
        )
        tick = ngettext("This one cannot be brought back", "These %(n)d cannot be brought back", count)
        self.fields[f"{name}_tick"] = forms.BooleanField(label=tick % {"n": count}, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.held:
            if cleaned.get(name) == DISCARD and not cleaned.get(f"{name}_tick"):
                self.add_error(f"{name}_tick", _("Tick this to discard them for good."))
        return cleaned


class StopForm(forms.Form):
    """Why; and, for those who may, whether the workflow goes on the shelf at once."""

    reason = reason_field()
    archive = forms.BooleanField(label=_("Archive afterwards"), required=False)

    def __init__(self, *args: Any, may_archive: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_archive:
            del self.fields["archive"]


class ReasonForm(forms.Form):
    """Why, and nothing else."""

    reason = reason_field()
