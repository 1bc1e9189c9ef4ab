"""The list of runs: live states, while rows that arrive wait until somebody asks for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.web import policy
from config.web.filters import Choice, Shortcut, Text
from config.web.htmx import vary_on_htmx, wants_partial
from config.web.pages import CursorPage, mark
from config.web.paging import COUNT_CAP, Keyset, Slice
from runs import queries
from runs.models import OPEN, Run, RunStatus, Schedule
from runs.models.run import RunQuerySet
from runs.run_filters import ALL, RunFilter
from runs.run_tables import RunTable
from workflows.models import Status

POLL_SECONDS: Final = 5
AHEAD: Final = timedelta(hours=24)
LATE: Final = timedelta(minutes=1)
NEXT_RUNS: Final = 20


@dataclass(frozen=True)
class AnyStatus(Choice):
    """The sentence about nine statuses, short while it leaves none out."""

    @property
    def ticked(self) -> list[Text]:
        return super().ticked if len(super().ticked) < len(self.options) else [_("anything")]


class RunList(CursorPage):
    """All runs in the person's scopes, newest first.

    A poll of the first page asks for the rows that are shown, not for newer ones: those are counted. Its mark
    is the newest shown id and a digest of the rows. Subclasses show the runs of one workflow.
    """

    model = Run
    filterset_class = RunFilter
    table_class = RunTable
    template_name = "runs/run_list.html"
    partial_template_name = "runs/_run_results.html"
    refresh_on = "run-changed"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._since and self._unchanged():
            return vary_on_htmx(HttpResponse(status=204))
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> RunQuerySet:
        return queries.listed(self.request.user).defer("input", "output", "version__definition")

    @property
    def _since(self) -> str:
        return self.request.GET.get("since", "") if wants_partial(self.request) else ""

    @cached_property
    def anchor(self) -> UUID | None:
        """The newest id that a poll of the first page shows; None where all rows are wanted."""
        if not self._since or self.request.GET.get("cursor"):
            return None
        try:
            return UUID(self._since.partition(".")[0])
        except ValueError:
            return None

    @cached_property
    def slice(self) -> Slice:
        if self.anchor is None:
            return super().slice
        shown = self.object_list.filter(pk__lte=self.anchor)
        return Keyset(shown, self.keyset, per_page=self.per_page).page()

    @cached_property
    def new_runs(self) -> int:
        """How many wait above the shown rows; counting ends at the cap."""
        if self.anchor is None:
            return 0
        newer = self.object_list.filter(pk__gt=self.anchor).order_by()
        return newer[: COUNT_CAP + 1].count()

    def get_mark(self) -> str:
        rows = self.slice.rows
        first = self.anchor or (rows[0].pk if rows else "")
        shown = [(row.pk, row.status, row.attempts, row.due_at, row.reason) for row in rows]
        return f"{first}.{mark(self.new_runs, shown)}"

    def _unchanged(self) -> bool:
        """One query or two besides who asks: neither counts nor choices are made for it."""
        self.filterset = self.get_filterset(self.get_filterset_class())
        self.object_list = self.filterset.qs
        return self.get_mark() == self._since

    def poll_seconds(self) -> int:
        is_first = not self.request.GET.get("cursor")
        return POLL_SECONDS if is_first or any(row.is_open for row in self.slice.rows) else 0

    def get_choices(self) -> list[Choice]:
        ticked = self.filterset.ticked("status", ALL)
        open_ = [status.value for status in OPEN]
        wanted = (
            (_("All statuses"), None, ALL),
            (_("Open"), ",".join(open_), open_),
            (_("Failed"), RunStatus.FAILED.value, [RunStatus.FAILED.value]),
        )
        shortcuts = [
            Shortcut(
                label, self.address(status=value, cursor=None), is_current=sorted(ticked) == sorted(words)
            )
            for label, value, words in wanted
        ]
        choice = self.filterset.choice("status", default=ALL, shortcuts=shortcuts)
        return [AnyStatus(**vars(choice))]

    def get_empty(self) -> dict[str, Any]:
        return {
            "title": _("No runs yet"),
            "text": _(
                "A run begins when a trigger of an Active workflow fires: a request to its address, an event, "
                "its schedule, or “Trigger one run…” in the workflow's menu."
            ),
            "action": _("Open workflows"),
            "href": reverse("workflow_list"),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        due = [] if wants_partial(self.request) else next_runs(self.request.user)
        return super().get_context_data(next_runs=due, new_runs=self.new_runs, **kwargs)


@dataclass(frozen=True)
class NextRun:
    """A schedule that is due soon, or was due and did not fire yet."""

    schedule: Schedule
    is_late: bool

    @property
    def at(self) -> datetime | None:
        return self.schedule.next_at


def next_runs(user: Any) -> list[NextRun]:
    """What the schedules of Active workflows start within 24 hours, each schedule's next time; late ones first."""
    now = timezone.now()
    rows = policy.visible_to(user, Schedule.objects.filter(is_armed=True, set_aside=""))
    due = rows.filter(trigger__workflow__status=Status.ACTIVE, next_at__lte=now + AHEAD)
    found = due.select_related("trigger__workflow").order_by("next_at", "pk")[:NEXT_RUNS]
    return [NextRun(row, row.next_at < now - LATE) for row in found if row.next_at is not None]
