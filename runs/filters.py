"""Filters of the workflow list."""

from collections.abc import Sequence
from typing import Any, Final

import django_filters
from django.contrib.auth import get_user_model
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from config.web.filters import ChoicesFilter, FilterSet
from runs import summaries
from workflows import access, queries
from workflows.lifecycle import Status
from workflows.models import Scope, Workflow
from workflows.models.workflow import WorkflowQuerySet

# The boxes stand in this order, which is also that of the address.
STATUSES: Final = (Status.ACTIVE, Status.PAUSED, Status.DRAFT, Status.NOT_RUNNING, Status.ARCHIVED)
DEFAULT: Final = [status.value for status in STATUSES if status != Status.ARCHIVED]


def scopes_of(request: HttpRequest | None) -> Any:
    """The scopes the person sees."""
    return access.visible_to(request.user, Scope.objects.all()) if request else Scope.objects.none()


def owners_of(request: HttpRequest | None) -> Any:
    """Whoever owns a workflow that the person sees."""
    people = get_user_model()._default_manager
    if request is None:
        return people.none()
    owned = access.visible_to(request.user, Workflow.objects.standing()).order_by().values("owner")
    return people.filter(pk__in=owned).order_by("username")


class WorkflowFilter(FilterSet):
    """`?status=&q=&scope=&owner=&tag=&failing=1`; without status everything but Archived."""

    status = ChoicesFilter(
        label=_("Status"), choices=[(s.value, s.label) for s in STATUSES], method="with_status"
    )
    q = django_filters.CharFilter(label=_("Search workflows"), method="with_words")
    scope = django_filters.ModelChoiceFilter(
        label=_("Scope"), queryset=scopes_of, to_field_name="ref", method="inside", empty_label=_("Any scope")
    )
    owner = django_filters.ModelChoiceFilter(
        label=_("Owner"), queryset=owners_of, to_field_name="username", empty_label=_("Anybody")
    )
    tag = django_filters.CharFilter(label=_("Tag"), method="tagged")
    failing = django_filters.ChoiceFilter(
        label=_("Failing"),
        choices=[("1", _("Above the rule"))],
        method="above_the_rule",
        empty_label=_("Any"),
    )

    parameter_order: Sequence[str] = ("status", "q", "scope", "owner", "tag", "failing")
    sentence = ("status", "q")

    class Meta:
        model = Workflow
        fields: list[str] = []

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        # An address without parameters filters too: it leaves the archived out.
        super().__init__(QueryDict() if data is None else data, *args, **kwargs)

    def without_status(self) -> WorkflowQuerySet:
        """What all filters but the status leave: the boxes count these."""
        rows: WorkflowQuerySet = self.queryset
        for name, value in self.form.cleaned_data.items():
            if name != "status":
                rows = self.filters[name].filter(rows, value)
        return rows

    def filter_queryset(self, queryset: WorkflowQuerySet) -> WorkflowQuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("status") else rows.exclude(status=Status.ARCHIVED)

    def with_status(self, rows: WorkflowQuerySet, name: str, value: Sequence[str]) -> WorkflowQuerySet:
        return rows.filter(status__in=value)

    def with_words(self, rows: WorkflowQuerySet, name: str, value: str) -> WorkflowQuerySet:
        return queries.searched(rows, value)

    def inside(self, rows: WorkflowQuerySet, name: str, value: Scope) -> WorkflowQuerySet:
        return rows.filter(scope__in=Scope.objects.inside([value.pk]))

    def tagged(self, rows: WorkflowQuerySet, name: str, value: str) -> WorkflowQuerySet:
        return rows.tagged(value)

    def above_the_rule(self, rows: WorkflowQuerySet, name: str, value: str) -> WorkflowQuerySet:
        return rows.filter(pk__in=summaries.failing(rows).order_by().values("pk"))
