"""`manual`: a person, by a form or a command."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from workflows.triggers.base import INCOMPLETE, BaseTrigger, Part, Problem, TriggerKind, register
from workflows.words import Words

FieldType = Literal["text", "number", "boolean", "date"]


class ManualField(Part):
    """One field of the form; its value reaches templates as `trigger.data.<name>`."""

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,39}$")
    type: FieldType = "text"
    required: bool = False
    default: Any = None


class ManualTrigger(BaseTrigger):
    """Without fields the form takes a payload as JSON."""

    kind: Literal["manual"]
    fields: list[ManualField] = Field(default_factory=list, max_length=50)


class ManualKind(TriggerKind):
    kind = "manual"
    label = gettext_lazy("Manual")
    summary = gettext_lazy("A person starts a run by hand.")
    icon = "hand"
    model = ManualTrigger
    fields = {
        "fields": Words(
            gettext_lazy("Fields"),
            gettext_lazy("What the form asks for. Without fields it takes JSON."),
            one=gettext_lazy("Field"),
        ),
        "fields.name": Words(gettext_lazy("Name"), gettext_lazy("Steps read it as trigger.data.NAME.")),
        "fields.type": Words(
            gettext_lazy("Type"),
            choices={
                "text": gettext_lazy("Text"),
                "number": gettext_lazy("Number"),
                "boolean": gettext_lazy("Yes or no"),
                "date": gettext_lazy("Date"),
            },
        ),
        "fields.required": Words(gettext_lazy("Must be filled in")),
        "fields.default": Words(gettext_lazy("Default")),
    }

    def describe(self, trigger: ManualTrigger) -> str:
        return ", ".join(field.name for field in trigger.fields)

    def problems(self, trigger: ManualTrigger, *, now: datetime) -> Iterator[Problem]:
        names: set[str] = set()
        for place, field in enumerate(trigger.fields):
            if field.name in names:
                path = f"fields.{place}.name"
                yield Problem(path, _("Two fields have this name."), _("Rename one of them."), INCOMPLETE)
            names.add(field.name)
            if field.default is not None and not _fits(field.default, field.type):
                path = f"fields.{place}.default"
                fix = _("Write a default of the field's type, or none.")
                yield Problem(path, _("The default does not fit the type."), fix, INCOMPLETE)


def _fits(value: object, type_: FieldType) -> bool:
    if type_ == "boolean":
        return isinstance(value, bool)
    if type_ == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if type_ == "date":
        return isinstance(value, str) and _is_date(value)
    return isinstance(value, str)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


register(ManualKind())
