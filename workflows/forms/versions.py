"""What Roll back asks for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.forms.fields import WarningsForm, offer_words


class RollBackForm(WarningsForm):
    """Which version, and whether its content is published at once."""

    to = forms.TypedChoiceField(label=_("Version"), coerce=int)
    publish = forms.ChoiceField(
        label=_("Make it"),
        choices=[("", _("A draft, to look at first")), ("1", _("The published version, at once"))],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        *args: Any,
        numbers: Iterable[tuple[int, str]],
        draft: int | None,
        warnings: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, warnings=warnings, **kwargs)
        offer_words(self, "to", numbers)
        if draft:
            self.fields["replace_draft"] = forms.BooleanField(
                label=_("Replace the draft, version %(number)d") % {"number": draft}, required=False
            )
        if "accept_warnings" in self.fields:
            self.fields["accept_warnings"].required = False
            self.fields["accept_warnings"].help_text = _("Needed to publish at once.")
        self.order_fields(["to", "publish", "replace_draft", "accept_warnings"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        tick = self.fields.get("accept_warnings")
        if tick and cleaned.get("publish") and not cleaned.get("accept_warnings"):
            self.add_error("accept_warnings", tick.error_messages["required"])
        return cleaned
