"""Filters of lists: comma-separated choices, what was not understood, chips, and the filter sentence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise

Text = str | Promise
NOTHING = "none"


class CommaSeparatedChoices(forms.CheckboxSelectMultiple):
    """Reads `status=active,paused` as well as `status=active&status=paused`."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [word for value in data.getlist(name) for word in value.split(",") if word]


class ChoicesField(django_filters.fields.MultipleChoiceField):
    """Any of its words, or `none` alone: every box unticked."""

    def valid_value(self, value: str) -> bool:
        return value == NOTHING or super().valid_value(value)


class ChoicesFilter(django_filters.MultipleChoiceFilter):
    """Any of several words, comma-separated in the address. Absent it filters nothing; `none` leaves no row."""

    field_class = ChoicesField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": CommaSeparatedChoices, "distinct": False, **kwargs})

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        return qs.none() if NOTHING in value else super().filter(qs, value)


@dataclass(frozen=True)
class Option:
    """One box of a choice: its count is None where counting is not worth a query."""

    value: str
    label: Text
    is_checked: bool
    count: int | None = None


@dataclass(frozen=True)
class Shortcut:
    """A link that sets a whole choice in one press; `note` stands beside it ("+ 3 archived")."""

    label: Text
    href: str
    is_current: bool = False
    note: Text = ""


@dataclass(frozen=True)
class Choice:
    """The button "Status is Active, Paused" with its boxes: what `ui/_choice.html` draws.

    `default` are the words that hold when the parameter is absent; ticking exactly those leaves it out.
    """

    name: str
    label: Text
    options: Sequence[Option]
    shortcuts: Sequence[Shortcut] = ()
    default: Sequence[str] = ()

    @property
    def ticked(self) -> list[Text]:
        """The labels of the ticked boxes, for the sentence."""
        return [option.label for option in self.options if option.is_checked]


@dataclass(frozen=True)
class Chip:
    """A filter in force: its parameter, what it is called, what it asks for."""

    name: str
    label: Text
    value: str


class FilterSet(django_filters.FilterSet):
    """Base of every list's filters. Values that are not understood are ignored and counted, never an error.

    `parameter_order` is the order in the address (default: that of the filters); `sentence` names the filters
    that have a sentence of their own and therefore no chip.
    """

    parameter_order: Sequence[str] = ()
    sentence: Sequence[str] = ()

    @property
    def form(self) -> forms.Form:
        form = super().form
        # A dialog over the list may have fields of the same names.
        form.auto_id = "filter-%s"
        return form

    @property
    def order(self) -> list[str]:
        """Parameter names in the order in which addresses carry them."""
        return list(self.parameter_order or self.filters)

    def not_understood(self, known: Iterable[str]) -> list[str]:
        """Names of parameters that are neither filters nor `known`, or whose value is not allowed."""
        unknown = [name for name in self.data or () if name not in self.filters and name not in set(known)]
        return [*unknown, *(name for name in self.form.errors if name in self.filters)]

    def ticked(self, name: str, default: Sequence[str]) -> list[str]:
        """The words of a choice that hold now: the given ones, else the default."""
        given = self.form.cleaned_data.get(name) if self.is_bound and self.form.errors is not None else None
        return list(given or default)

    def choice(
        self,
        name: str,
        *,
        default: Sequence[str],
        counts: Mapping[str, int] | None = None,
        shortcuts: Sequence[Shortcut] = (),
    ) -> Choice:
        """The sentence for one of the choices; `default` are the words that hold without the parameter."""
        ticked = self.ticked(name, default)
        field = cast(ChoicesField, self.form.fields[name])
        options = [
            Option(
                str(value), label, str(value) in ticked, None if counts is None else counts.get(str(value), 0)
            )
            for value, label in field.choices
        ]
        return Choice(name, field.label or name, options, shortcuts, default)

    def chips(self) -> list[Chip]:
        """The filters in force outside the sentence."""
        if not self.is_bound or self.form.errors is None:
            return []
        cleaned: Mapping[str, Any] = self.form.cleaned_data
        return [
            Chip(name, self._label(name), self._shown(name, value))
            for name, value in cleaned.items()
            if value not in (None, "", []) and name not in self.sentence
        ]

    def _label(self, name: str) -> Text:
        return self.form.fields[name].label or name

    def _shown(self, name: str, value: Any) -> str:
        choices = {str(key): str(text) for key, text in getattr(self.form.fields[name], "choices", ())}
        values = value if isinstance(value, list | tuple) else [value]
        return ", ".join(choices.get(str(one), str(one)) for one in values)
