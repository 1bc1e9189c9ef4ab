"""Filters of the lists of runs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from datetime import time as clock
from typing import Any, Final
from uuid import UUID

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils import dateparse, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.ids import id_at
from config.web import time
from config.web.filters import ChoicesFilter, FilterSet
from runs.filters import scopes_of
from runs.models import Run, RunStatus
from runs.models.run import RunQuerySet
from runs.run_menus import SHORT
from runs.run_words import trigger_labels
from workflows import queries
from workflows.lifecycle import Refusal
from workflows.models import Scope, Workflow
from workflows.texts import is_storable

ALL: Final = [status.value for status in RunStatus]
# How far the clocks of web server and database may be apart.
SLACK: Final = timedelta(minutes=10)
# Beyond them neither ids nor zones can be computed.
YEARS: Final = range(1971, 9999)
TESTS_TOO, TESTS_ONLY = "1", "only"


class WorkflowField(forms.CharField):
    """A workflow that the person sees, by id or exact name."""

    person: Any = None

    def clean(self, value: Any) -> Workflow | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return queries.by_name_or_id(text, workflows=queries.listed(self.person))
        except Refusal as refused:
            raise ValidationError(refused.message) from refused


class MomentInput(forms.DateTimeInput):
    """The browser's own control, which takes wall-clock times without zone only."""

    input_type = "datetime-local"
    is_end = False

    def format_value(self, value: Any) -> str:
        moment = _moment(str(value or ""), is_end=self.is_end)
        return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}" if moment else ""


class MomentField(forms.Field):
    """A day or a time, ISO 8601; without offset in the person's zone.

    A day means its first moment or, with `is_end`, the one after its last.
    """

    widget = MomentInput

    def __init__(self, *, is_end: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.is_end = self.widget.is_end = is_end

    def clean(self, value: Any) -> datetime | None:
        text = str(super().clean(value) or "")
        moment = _moment(text, is_end=self.is_end)
        if text and moment is None:
            raise ValidationError(_("Write a day or a time, such as 2026-11-23 or 2026-11-23T09:14."))
        return moment


class WorkflowFilter(django_filters.CharFilter):
    field_class = WorkflowField


class MomentFilter(django_filters.Filter):
    field_class = MomentField


class RunFilter(FilterSet):
    """`?status=&workflow=&version=&trigger=&scope=&from=&to=&q=&test=`. Tests are left out unless asked for.

    Times compare when the occurrence was received.
    """

    status = ChoicesFilter(label=gettext_lazy("Status"), choices=RunStatus.choices)
    q = django_filters.CharFilter(label=gettext_lazy("Error text, delivery id or run id"), method="with_text")
    workflow = WorkflowFilter(
        label=gettext_lazy("Workflow"), help_text=gettext_lazy("Its name, or its number")
    )
    version = django_filters.NumberFilter(
        label=gettext_lazy("Version"), field_name="version__number", min_value=1, max_value=10**9
    )
    trigger = django_filters.ChoiceFilter(
        label=gettext_lazy("Trigger"),
        choices=lambda: list(trigger_labels().items()),
        field_name="trigger_kind",
        empty_label=gettext_lazy("Any trigger"),
    )
    scope = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Scope"),
        queryset=scopes_of,
        to_field_name="ref",
        method="inside",
        empty_label=gettext_lazy("Any scope"),
    )
    test = django_filters.ChoiceFilter(
        label=gettext_lazy("Test runs"),
        choices=[(TESTS_TOO, gettext_lazy("Shown too")), (TESTS_ONLY, gettext_lazy("Only these"))],
        method="with_tests",
        empty_label=gettext_lazy("Left out"),
    )

    parameter_order: Sequence[str] = (
        "status", "workflow", "version", "trigger", "scope", "from", "to", "q", "test",
    )  # fmt: skip
    sentence = ("status", "q")

    class Meta:
        model = Run
        fields: list[str] = []

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        # An address without parameters filters too: it leaves tests out.
        super().__init__(QueryDict() if data is None else data, *args, **kwargs)

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        """`from` is a word of Python, so that the two moments cannot be attributes of the class."""
        since = MomentFilter(label=gettext_lazy("Received from"), method="received_from")
        to = MomentFilter(label=gettext_lazy("Received before"), method="received_before", is_end=True)
        return {**super().get_filters(), "from": since, "to": to}

    @property
    def form(self) -> forms.Form:
        form = super().form
        field = form.fields.get("workflow")
        if isinstance(field, WorkflowField):
            field.person = getattr(self.request, "user", None)
        return form

    def _shown(self, name: str, value: Any) -> str:
        return time.human(value) if isinstance(value, datetime) else super()._shown(name, value)

    def filter_queryset(self, queryset: RunQuerySet) -> RunQuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("test") else rows.filter(is_test=False)

    def with_text(self, rows: RunQuerySet, name: str, value: str) -> RunQuerySet:
        """An id of the run, its end, a delivery or correlation id, or a piece of the error."""
        text = value.strip()
        if not is_storable(text):
            return rows.none()
        wanted = Q(delivery_id=text) | Q(correlation=text) | Q(error__icontains=text)
        try:
            return rows.filter(wanted | Q(pk=UUID(text)))
        except ValueError:
            return rows.filter(wanted | Q(pk__iendswith=text)) if _is_id_end(text) else rows.filter(wanted)

    def received_from(self, rows: RunQuerySet, name: str, value: datetime) -> RunQuerySet:
        # Rows are made when they are received or later, so the key's own order narrows the search.
        return rows.filter(received_at__gte=value, pk__gte=id_at(value - SLACK))

    def received_before(self, rows: RunQuerySet, name: str, value: datetime) -> RunQuerySet:
        return rows.filter(received_at__lt=value)

    def inside(self, rows: RunQuerySet, name: str, value: Scope) -> RunQuerySet:
        if value.kind == Scope.Kind.WORKSPACE:
            return rows
        # As a list: a subquery would be asked for every run.
        inner = list(Scope.objects.inside([value.pk]).values_list("pk", flat=True))
        return rows.filter(workflow__scope__in=inner)

    def with_tests(self, rows: RunQuerySet, name: str, value: str) -> RunQuerySet:
        return rows.filter(is_test=True) if value == TESTS_ONLY else rows


def _is_id_end(text: str) -> bool:
    return SHORT <= len(text) < 32 and all(sign in "0123456789abcdefABCDEF" for sign in text)


def _moment(text: str, *, is_end: bool) -> datetime | None:
    try:
        day = dateparse.parse_date(text)
        if day:
            moment = datetime.combine(day + timedelta(days=is_end), clock.min)
        else:
            parsed = dateparse.parse_datetime(text)
            if parsed is None:
                return None
            moment = parsed
        if moment.year not in YEARS:
            return None
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    except (ValueError, OverflowError):
        return None
