"""Filters and table of findings."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from config.web import tables
from config.web.filters import ChoicesFilter, FilterSet
from runs.filters import scopes_of
from runs.models import Finding, FindingState
from runs.models.finding import KINDS, FindingQuerySet
from runs.run_filters import WorkflowFilter
from workflows.models import Scope, Workflow

ALL = [state.value for state in FindingState]


class FindingFilter(FilterSet):
    """`?state=&kind=&workflow=&scope=`; without state all of them."""

    state = ChoicesFilter(label=_("State"), choices=FindingState.choices)
    kind = ChoicesFilter(label=_("Kind"), choices=[(kind.value, label) for kind, label in KINDS.items()])
    workflow = WorkflowFilter(label=_("Workflow"), method="of_workflow")
    scope = django_filters.ModelChoiceFilter(
        label=_("Scope"), queryset=scopes_of, to_field_name="ref", method="inside", empty_label=_("Any scope")
    )

    parameter_order: Sequence[str] = ("state", "kind", "workflow", "scope")
    sentence = ("state", "kind")

    class Meta:
        model = Finding
        fields: list[str] = []

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(QueryDict() if data is None else data, *args, **kwargs)
        self.form.fields["workflow"].person = getattr(self.request, "user", None)  # type: ignore[attr-defined]

    def of_workflow(self, rows: FindingQuerySet, name: str, value: Workflow) -> FindingQuerySet:
        return rows.filter(workflow=value)

    def inside(self, rows: FindingQuerySet, name: str, value: Scope) -> FindingQuerySet:
        return rows.filter(workflow__scope__in=Scope.objects.inside([value.pk]))


class FindingTable(tables.Table):
    """Newest first."""

    caption = _("Findings")
    row_header = "kind"
    row_prefix = "finding"

    state = tables.FragmentColumn(
        "runs/findings/_state.html",
        verbose_name=_("State"),
        accessor="state",
        attrs={"cell": {"class": "run-status"}},
    )
    kind = tables.FragmentColumn("runs/findings/_link.html", verbose_name=_("Finding"), accessor="kind")
    workflow = tables.FragmentColumn(
        "runs/findings/_workflow.html", verbose_name=_("Workflow"), accessor="workflow__name"
    )
    sentence = tables.FragmentColumn("runs/findings/_sentence.html", verbose_name=_("What was seen"))
    since = tables.MomentColumn(verbose_name=_("Since"), accessor="since")
    closed = tables.MomentColumn(verbose_name=_("Closed"), accessor="closed_at")

    class Meta(tables.Table.Meta):
        pass
