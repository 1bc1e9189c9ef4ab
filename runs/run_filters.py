"""Filters of the lists of runs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from config.ids import id_at
from config.web import time
from config.web.filters import ChoicesFilter
from runs.filters import scopes_of
from runs.models import Run, RunStatus
from runs.models.run import RunQuerySet
from runs.moments import MomentFilter
from runs.outcome_filters import OutcomeFilter
from runs.run_menus import SHORT
from runs.run_words import trigger_labels
from workflows import queries
from workflows.lifecycle import Refusal
from workflows.models import Scope, Workflow
from workflows.texts import is_storable

ALL: Final = [status.value for status in RunStatus]
# How far the clocks of web server and database may be apart.
SLACK: Final = timedelta(minutes=10)
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


class WorkflowFilter(django_filters.CharFilter):
    field_class = WorkflowField


class RunFilter(OutcomeFilter):
    """`?status=&workflow=&version=&trigger=&scope=&from=&to=&q=&error=&test=` and those of OutcomeFilter.

    Tests are left out unless asked for. `from` and `to` compare when the occurrence was received.
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
    error = django_filters.CharFilter(label=gettext_lazy("Error code"), field_name="error_code")
    test = django_filters.ChoiceFilter(
        label=gettext_lazy("Test runs"),
        choices=[(TESTS_TOO, gettext_lazy("Shown too")), (TESTS_ONLY, gettext_lazy("Only these"))],
        method="with_tests",
        empty_label=gettext_lazy("Left out"),
    )

    parameter_order: Sequence[str] = (
        "status", "workflow", "version", "trigger", "scope", "from", "to", "q", "error", "test",
        "ended_from", "ended_to", "duration_from", "duration_to", "reason", "weekday", "hour",
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
        # A run's own scope, as its row shows it and as figures count it: a workflow that moves takes no history along.
        # As a list: a subquery would be asked for every run.
        inner = list(Scope.objects.inside([value.pk]).values_list("pk", flat=True))
        return rows.filter(scope__in=inner)

    def with_tests(self, rows: RunQuerySet, name: str, value: str) -> RunQuerySet:
        return rows.filter(is_test=True) if value == TESTS_ONLY else rows


def _is_id_end(text: str) -> bool:
    return SHORT <= len(text) < 32 and all(sign in "0123456789abcdefABCDEF" for sign in text)
