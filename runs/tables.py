"""The table of workflows."""

from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.web import numbers, tables, time
from config.web.menus import Menu
from runs import summaries
from runs.filters import STATUSES
from runs.menus import workflow_menu
from runs.models import RunStatus
from runs.monitoring.annotating import closed_in, success_in
from workflows.models import Workflow

Rows = QuerySet[Workflow]
TIME = {"cell": {"class": "workflow-time"}}


def menu_of(workflow: Workflow, request: HttpRequest) -> Menu:
    """The row's menu for the person who asks."""
    return workflow_menu(workflow, request.user)


class WorkflowTable(tables.Table):
    """Rows carry `summary`, `to_complete` and `is_degraded`, which the view puts there for the shown page."""

    caption = _("Workflows")
    row_header = "name"

    select = tables.SelectColumn(naming=str)
    name = tables.FragmentColumn(
        "runs/_workflow_name.html",
        verbose_name=_("Name"),
        accessor="name",
        attrs={"cell": {"class": "workflow-name"}},
    )
    status = tables.FragmentColumn(
        "runs/_workflow_status.html",
        verbose_name=_("Status"),
        accessor="status",
        attrs={"cell": {"class": "workflow-status"}},
    )
    strip = tables.FragmentColumn(
        "runs/_workflow_strip.html", verbose_name=_("Last 30 runs"), accessor="pk", orderable=False
    )
    success = tables.FragmentColumn(
        "runs/_workflow_success.html",
        verbose_name=_("Success 24 h"),
        accessor="pk",
        attrs={"cell": {"class": "number"}},
        initial_sort_descending=True,
    )
    runs = tables.NumberColumn(verbose_name=_("Runs 24 h"), accessor="pk")
    last_run = tables.MomentColumn(
        verbose_name=_("Last run"), accessor="last_run_at", initial_sort_descending=True, attrs=TIME
    )
    next_run = tables.MomentColumn(verbose_name=_("Next run"), accessor="summary__next_run_at", attrs=TIME)
    owner = tables.tables.Column(verbose_name=_("Owner"), accessor="owner__username", orderable=False)
    menu = tables.MenuColumn(menu_of)

    class Meta(tables.Table.Meta):
        order_by = ("name",)

    def render_runs(self, record: Any) -> str:
        return numbers.grouped(record.summary.runs)

    def render_next_run(self, record: Any) -> SafeString | str:
        due = record.summary.next_run_at
        return time.element(due) if due else "—"

    def order_name(self, rows: Rows, is_descending: bool) -> tuple[Rows, bool]:
        return rows.order_by("-name_key" if is_descending else "name_key", "pk"), True

    def order_status(self, rows: Rows, is_descending: bool) -> tuple[Rows, bool]:
        places = [When(status=status, then=Value(place)) for place, status in enumerate(STATUSES)]
        return _by(rows, Case(*places, output_field=IntegerField()), is_descending)

    def order_last_run(self, rows: Rows, is_descending: bool) -> tuple[Rows, bool]:
        return _by(rows, F("last_run_at"), is_descending)

    def order_next_run(self, rows: Rows, is_descending: bool) -> tuple[Rows, bool]:
        return _by(rows, summaries.next_run(), is_descending)

    def order_runs(self, rows: Rows, is_descending: bool) -> tuple[Rows, bool]:
        ended = closed_in(summaries.last_day(), RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.CANCELLED)
        return _by(rows, ended, is_descending)

    def order_success(self, rows: Rows, is_descending: bool) -> tuple[Rows, bool]:
        return _by(rows, success_in(summaries.last_day()), is_descending)


def _by(rows: Rows, key: Any, is_descending: bool) -> tuple[Rows, bool]:
    """Ordered by a key; rows without one come last, equal ones by name, so that pages never overlap."""
    ordered = rows.annotate(sort_key=key)
    first = F("sort_key").desc(nulls_last=True) if is_descending else F("sort_key").asc(nulls_last=True)
    return ordered.order_by(first, "name_key", "pk"), True
