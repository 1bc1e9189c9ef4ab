"""The list of runs: live states, while rows that arrive wait until somebody asks for them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from config.web import policy
from config.web.filters import Choice, Shortcut, Text
from config.web.htmx import vary_on_htmx, wants_partial
from config.web.pages import CursorPage, mark
from config.web.paging import COUNT_CAP, Slice
from runs import queries
from runs.coming import coming
from runs.failures import READ, ErrorGroup, grouped
from runs.models import OPEN, BulkKind, Place, Run, RunStatus
from runs.models.run import RunQuerySet
from runs.run_filters import ALL, RunFilter
from runs.run_tables import RunTable
from runs.views.bulk.buttons import bulk_context
from runs.views.view_menu import ViewMenu

POLL_SECONDS: Final = 5
# With more statuses ticked there is little to leave out.
MOST_APART: Final = 5
ERRORS, NEXT = "errors", "next"


@dataclass(frozen=True)
class AnyStatus(Choice):
    """The sentence about nine statuses, short while it leaves none out."""

    @property
    def ticked(self) -> list[Text]:
        return super().ticked if len(super().ticked) < len(self.options) else [_("anything")]


class RunList(CursorPage):
    """All runs in the person's scopes, newest first.

    A poll of the first page asks for the rows that are shown, not for newer ones: those are counted. Its mark
    is the newest shown id and a digest of the rows. `?show=errors` groups the failed ones by error, `?show=next`
    lists what schedules start within a day. Subclasses show the runs of one workflow.
    """

    model = Run
    filterset_class = RunFilter
    table_class = RunTable
    template_name = "runs/run_list.html"
    partial_template_name = "runs/_run_results.html"
    refresh_on = "run-changed"
    known_parameters = (*CursorPage.known_parameters, "show")
    bulk_template = "runs/_bulk.html"

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
        return self.keyset_of(shown).page()

    def apart(self) -> list[Q]:
        """Statuses by themselves, while they are few."""
        ticked = self.filterset.ticked("status", ())
        return [Q(status=status) for status in ticked] if 1 < len(ticked) <= MOST_APART else []

    @cached_property
    def new_runs(self) -> int:
        """How many wait above the shown rows; counting ends at the cap."""
        if self.anchor is None:
            return 0
        newer = self.object_list.filter(pk__gt=self.anchor).order_by()
        return newer[: COUNT_CAP + 1].count()

    def get_mark(self) -> str:
        if self.show:
            return ""
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
        if self.show:
            return 0
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
        bulk = bulk_context(BulkKind.RUNS, self.request.user)
        shown = {"show": self.show, "run_tabs": self.tabs(), **self._shown()}
        return super().get_context_data(
            new_runs=self.new_runs, views=self.saved_views(), **shown, **bulk, **kwargs
        )

    def saved_views(self) -> ViewMenu | None:
        """The menu of saved views; None where the list is a part of another page."""
        return ViewMenu(self.request, Place.RUNS)

    @property
    def show(self) -> str:
        """What is listed: runs ("", the default), failed runs by error, or next runs."""
        given = self.request.GET.get("show", "")
        return given if given in (ERRORS, NEXT) else ""

    @property
    def order(self) -> list[str]:
        return [*super().order, "show"]

    def tabs(self) -> list[tuple[str, Text, str]]:
        """The three lists: word, label, address with the same filters."""
        labels = (("", _("Runs")), (ERRORS, _("By error")), (NEXT, _("Next runs")))
        return [(word, label, self.address(show=word or None, cursor=None)) for word, label in labels]

    def _shown(self) -> dict[str, Any]:
        if self.show == ERRORS:
            groups, has_older = grouped(cast(RunQuerySet, self.object_list))
            return {"groups": [self._links(group) for group in groups], "has_older": has_older, "read": READ}
        if self.show == NEXT:
            chosen = self.filterset.form.cleaned_data
            workflow = chosen.get("workflow") or getattr(self, "workflow", None)
            return {"next_runs": coming(self.request.user, workflow=workflow, scope=chosen.get("scope"))}
        return {}

    def _links(self, group: ErrorGroup) -> tuple[ErrorGroup, str, str]:
        """A group with the address of its runs, and that of their replay where the person may."""
        of_it = {"status": RunStatus.FAILED.value, "error": group.code, "q": group.line}
        runs = self.address(**of_it, show=None, cursor=None)
        # Without a text no filter means exactly the group, and more would be replayed than is shown.
        if not group.line or not policy.may(self.request.user, "replay"):
            return group, runs, ""
        query = urlencode({**dict(parse_qsl(self.bulk_query)), **of_it})
        asked = urlencode({"all": "1", "query": query, "seen": group.count})
        return group, runs, f"{reverse('run_bulk', args=['replay'])}?{asked}"
