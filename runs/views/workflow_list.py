"""The list of workflows."""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from config.web import policy
from config.web.filters import Choice, Shortcut
from config.web.htmx import vary_on_htmx, wants_partial
from config.web.pages import ListPage, mark
from config.web.paging import CappedPaginator
from config.web.tables import LARGEST_PAGE, Table
from runs import failure_rule, summaries
from runs.attention import Attention
from runs.filters import DEFAULT, STATUSES, WorkflowFilter
from runs.menus import verb_url
from runs.models import BulkKind
from runs.tables import WorkflowTable
from runs.views.bulk.buttons import bulk_context
from runs.views.view_menu import ViewMenu
from workflows import maintenance, queries
from workflows.models import Status, Workflow
from workflows.models.workflow import WorkflowQuerySet

POLL_SECONDS = 10
NAMED_IN_BANNER = 5


class CountedPaginator(CappedPaginator):
    """Pages of a list whose count is known already."""

    def __init__(self, *args: Any, known: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known

    @cached_property
    def counted(self) -> int:
        return self.known


@dataclass(frozen=True)
class StatusCount:
    """How many workflows have a status: all of them, and those that the other filters leave."""

    status: Status
    total: int = 0
    matching: int = 0


@dataclass(frozen=True)
class Failing:
    """A workflow above the failure rule, with where to pause it (empty for those who may not)."""

    workflow: Workflow
    failed: int
    ended: int
    is_warned: bool
    pause_url: str


class WorkflowList(ListPage):
    """All workflows in the person's scopes. The figures of rows are asked for the shown page only."""

    model = Workflow
    filterset_class = WorkflowFilter
    table_class = WorkflowTable
    template_name = "runs/workflow_list.html"
    partial_template_name = "runs/_workflow_results.html"
    refresh_on = "workflow-changed run-changed"
    bulk_template = "runs/_bulk.html"
    optional_columns = ("strip", "success", "runs", "last_run", "next_run", "owner")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._is_poll() and self._mark_of_page() == request.GET["since"]:
            return vary_on_htmx(HttpResponse(status=204))
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> WorkflowQuerySet:
        return queries.listed(self.request.user)

    def get_table_pagination(self, table: Table) -> dict[str, Any]:
        return {"paginator_class": partial(CountedPaginator, known=self.count)}

    @cached_property
    def count(self) -> int:
        ticked = self.filterset.ticked("status", DEFAULT)
        return sum(counted.matching for counted in self.counts if counted.status in ticked)

    @cached_property
    def counts(self) -> list[StatusCount]:
        """By status, in the order of the boxes; one query."""
        matching = Q(pk__in=self.filterset.without_status().order_by().values("pk"))
        if not self._is_narrowed:
            matching = Q(pk__isnull=False)
        rows = self.get_queryset().select_related(None).order_by().values("status")
        found = {
            row["status"]: StatusCount(Status(row["status"]), row["total"], row["matching"])
            for row in rows.annotate(total=Count("pk"), matching=Count("pk", filter=matching))
        }
        return [found.get(status, StatusCount(status)) for status in STATUSES]

    @property
    def _is_narrowed(self) -> bool:
        return any(self.request.GET.get(name) for name in self.filterset.filters if name != "status")

    @cached_property
    def shown(self) -> list[Workflow]:
        """The rows of this page with their figures."""
        rows: list[Any] = super().records()
        found = summaries.summaries([row.pk for row in rows]) if rows else {}
        attention = Attention(rows)
        for row in rows:
            row.summary = found[row.pk]
            row.to_complete = attention.to_complete(row, row.summary)
            row.is_degraded = attention.degraded(row, row.summary)
            row.never_pauses = failure_rule.never_pauses(row)
            row.announced = maintenance.announcements_of(row.summary.near, row, self.request.user)
        return rows

    def records(self) -> list[Workflow]:
        return self.shown

    def get_choices(self) -> list[Choice]:
        counts = {counted.status.value: counted.matching for counted in self.counts}
        ticked = self.filterset.ticked("status", DEFAULT)
        archived = counts[Status.ARCHIVED]
        shortcuts = [
            Shortcut(
                _("All statuses"),
                self.address(status=None, page=None),
                is_current=ticked == DEFAULT,
                note=_("+ %(n)d archived") % {"n": archived},
            ),
            Shortcut(
                _("Active only"),
                self.address(status=Status.ACTIVE.value, page=None),
                is_current=ticked == [Status.ACTIVE.value],
            ),
        ]
        return [self.filterset.choice("status", default=DEFAULT, counts=counts, shortcuts=shortcuts)]

    def poll_seconds(self) -> int:
        is_live = any(row.status == Status.ACTIVE or row.is_draining for row in self.shown)
        return POLL_SECONDS if is_live else 0

    def get_mark(self) -> str:
        return _mark(row.summary for row in self.shown)  # type: ignore[attr-defined]

    def get_empty(self) -> dict[str, Any]:
        if sum(counted.total for counted in self.counts):
            return {
                "title": _("All workflows are archived"),
                "text": _("Tick Archived in the status filter to see them."),
            }
        empty = {
            "title": _("No workflows yet"),
            "text": _(
                "A workflow starts from a webhook, an event or a schedule, and goes through its steps."
            ),
        }
        if not policy.may(self.request.user, "create"):
            return empty
        return empty | {"action": _("Create workflow"), "href": reverse("workflow_new")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(
            status_counts=[c for c in self.counts if c.total],
            failing=self.failing,
            may_create=policy.may(user, "create"),
            may_import=policy.may(user, "import"),
            views=ViewMenu(self.request),
            overview=self.overview,
            **bulk_context(BulkKind.WORKFLOWS, user),
            **kwargs,
        )

    @property
    def overview(self) -> str:
        """The address of the quick look that the list's own address opens."""
        pk = _whole(self.request.GET.get("overview", ""))
        return reverse("workflow_overview", args=[pk]) if pk else ""

    @cached_property
    def failing(self) -> list[Failing]:
        """The workflows above the failure rule, worst first."""
        user = self.request.user
        rows: list[Any] = list(summaries.failing(self.get_queryset().select_related(None)))
        found = [
            Failing(
                row,
                row.failed,
                row.ended,
                row.is_warned,
                verb_url(row, "pause") if policy.may(user, "pause", row) else "",
            )
            for row in rows
        ]
        return sorted(found, key=lambda one: (-one.failed / max(one.ended, 1), one.workflow.name_key))

    def _is_poll(self) -> bool:
        return bool(self.request.GET.get("since")) and wants_partial(self.request)

    def _mark_of_page(self) -> str:
        """The mark of the page as it would be shown now: one query besides who asks."""
        self.filterset = self.get_filterset(self.get_filterset_class())
        self.filterset.form.errors  # noqa: B018 - validates, which `qs` needs
        table = self.table_class(data=self.filterset.qs)
        RequestConfig(self.request, paginate=False).configure(table)
        size = min(_whole(self.request.GET.get("per_page", "")) or table._meta.per_page, LARGEST_PAGE)
        start = ((_whole(self.request.GET.get("page", "")) or 1) - 1) * size
        shown = table.data.data.values("pk")[start : start + size]
        return _mark(summaries.summaries(shown).values())


def _mark(rows: Any) -> str:
    return mark(*sorted(rows, key=lambda summary: summary.pk))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
