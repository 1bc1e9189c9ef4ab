"""Forms that belong to no app."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from config.web.preferences import DENSITIES, THEMES, Preferences, zones
from config.web.requests import PageRequest


class PreferencesForm(forms.Form):
    """A person's own settings, kept in cookies by `preferences.write`."""

    theme = forms.ChoiceField(label=_("Theme"), choices=list(THEMES.items()), widget=forms.RadioSelect)
    density = forms.ChoiceField(
        label=_("Density of lists"), choices=list(DENSITIES.items()), widget=forms.RadioSelect, required=False
    )
    zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=lambda: [("", _("The workspace's zone")), *((name, name) for name in zones())],
        help_text=_("Times on all pages are shown in this zone. Schedules keep their own."),
    )
    updates = forms.BooleanField(
        label=_("Refresh pages by themselves"),
        required=False,
        help_text=_("Off is the same as Pause updates in the top bar."),
    )
    letters = forms.BooleanField(
        label=_("Letter shortcuts"),
        required=False,
        help_text=_("Single letters such as / or g w act only outside fields. Press ? for the list."),
    )

    @classmethod
    def of(cls, request: PageRequest, data: QueryDict | None = None) -> "PreferencesForm":
        """The form for this request's preferences, bound if there is data."""
        now = request.preferences
        initial = {
            "theme": now.theme,
            "density": now.density,
            "zone": now.zone,
            "updates": now.updates == "on",
            "letters": now.letters == "on",
        }
        return cls(data, initial=initial)

    def as_preferences(self) -> dict[str, str]:
        """The cleaned data as the values that `preferences.write` takes."""
        return {
            "theme": self.cleaned_data["theme"],
            "density": self.cleaned_data["density"] or Preferences.density,
            "zone": self.cleaned_data["zone"],
            "updates": "on" if self.cleaned_data["updates"] else "paused",
            "letters": "on" if self.cleaned_data["letters"] else "off",
        }
