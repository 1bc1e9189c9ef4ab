"""What starting a run by hand asks for: the manual trigger's fields, and a payload as JSON."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from runs.intake.json_text import BodyRefused, Json, parse_json
from workflows.triggers.manual import ManualField

PREFIX: Final = "field_"
PAYLOAD_LENGTH: Final = 1024 * 1024


class JsonField(forms.CharField):
    """Strict JSON, as webhooks have it: whole numbers stay exact, keys keep their order."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        options = {"max_length": PAYLOAD_LENGTH, "strip": True, **kwargs}
        super().__init__(**options)
        self.widget.attrs.update({"class": "payload", "rows": 6, "spellcheck": "false"})

    def clean(self, value: Any) -> Json:
        text = super().clean(value)
        if not text:
            return {}
        try:
            return parse_json(text)
        except BodyRefused as refused:
            raise ValidationError(str(refused)) from refused


class PayloadForm(forms.Form):
    """The payload of a run by hand; with `fields`, a control for each field of the manual trigger."""

    payload = JsonField(label=_("Payload"), required=False)

    def __init__(self, *args: Any, fields: Sequence[ManualField] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in fields:
            self.fields[PREFIX + field.name] = control(field)
        self.fields["payload"].help_text = (
            _("JSON. An object with further values, if there are any.")
            if fields
            else _("JSON. Steps read it as trigger.data.")
        )
        self.order_fields([*(PREFIX + field.name for field in fields), "payload"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        further = cleaned.get("payload")
        if self.given(cleaned) and further is not None and not isinstance(further, dict):
            self.add_error("payload", _("Beside fields, the payload must be an object: { … }."))
        return cleaned

    def given(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The values of the fields by their names; empty ones are left out."""
        values = {
            name.removeprefix(PREFIX): value for name, value in cleaned.items() if name.startswith(PREFIX)
        }
        return {name: _plain(value) for name, value in values.items() if value not in (None, "")}

    def data_for_run(self) -> Json:
        """What becomes `trigger.data`."""
        payload, given = self.cleaned_data["payload"], self.given(self.cleaned_data)
        return {**payload, **given} if given else payload


class TestForm(PayloadForm):
    """A sample, and whether steps that act outside may do so."""

    __test__ = False
    act_outside = forms.BooleanField(label=_("Let these steps act outside"), required=False)

    def __init__(self, *args: Any, may_act: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_act:
            del self.fields["act_outside"]
        # A sample may be that of another trigger, which has none of the manual trigger's fields.
        for name, field in self.fields.items():
            if name.startswith(PREFIX):
                field.required = False


def control(field: ManualField) -> forms.Field:
    """The form field for one field of a manual trigger."""
    options: dict[str, Any] = {"label": field.name, "required": field.required, "initial": field.default}
    if field.type == "boolean":
        return forms.BooleanField(**{**options, "required": False})
    if field.type == "number":
        return NumberField(**options)
    if field.type == "date":
        return forms.DateField(**options, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    return forms.CharField(**options, max_length=10_000)


class NumberField(forms.FloatField):
    """A number; a whole one stays whole."""

    def clean(self, value: Any) -> float | int | None:
        text = str(value or "").strip()
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) < 300:
            return int(text)
        return super().clean(value)


def _plain(value: Any) -> Json:
    return value.isoformat() if hasattr(value, "isoformat") else value
