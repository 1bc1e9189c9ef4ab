"""List pages: filters, table, pages, refreshing; one view for the whole page and for its fragment."""

import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.functional import cached_property
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin

from config.web import addresses
from config.web.filters import Chip, Choice, FilterSet
from config.web.htmx import vary_on_htmx, wants_partial
from config.web.looks import Looks
from config.web.origins import current_page
from config.web.paging import COUNT_CAP, CappedPaginator, CursorRefused, Keyset, Slice, capped_count
from config.web.tables import Table

# What an address says about the look of a list, after its filters.
LOOKS = ("columns", "density", "view")


def mark(*parts: object) -> str:
    """A short mark for what a region shows; equal parts give equal marks. A poll that brings it back gets 204."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


class ListPage(Looks, SingleTableMixin, FilterView):
    """A filtered, sorted, numbered list.

    Subclasses set `filterset_class`, `table_class`, `template_name` (extends `ui/list_page.html`), `refresh_on`
    (the events, separated by blanks, after which the list is asked again), and `get_queryset()`. Optional: `poll_seconds()` (0 = no
    polling), `mark_fields` (attributes of a row whose change is worth a refresh), `get_choices()` for filter
    sentences, `get_empty()` for the words when there is nothing yet, `bulk_template` for a bar of verbs.
    """

    table_class: ClassVar[type[Table]]
    filterset_class: ClassVar[type[FilterSet]]
    table_pagination: ClassVar[dict[str, Any] | bool] = {"paginator_class": CappedPaginator}
    partial_template_name = "ui/_results.html"
    refresh_on: ClassVar[str] = ""
    mark_fields: ClassVar[Sequence[str]] = ()
    known_parameters: ClassVar[Sequence[str]] = ("page", "per_page", "sort", "since", "overview", *LOOKS)
    search_parameter: ClassVar[str] = "q"
    bulk_template: ClassVar[str] = ""
    strict = False
    object_list: QuerySet[Any]
    filterset: FilterSet

    def get_choices(self) -> list[Choice]:
        """The filter sentences."""
        return []

    def poll_seconds(self) -> int:
        """How often the shown page asks again; called after the table is made. 0 ends polling."""
        return 0

    def get_empty(self) -> dict[str, Any]:
        """`title`, `text`, and optionally `action` and `href`, for a list that has nothing yet."""
        return {}

    def get_mark(self) -> str:
        """The mark of what is shown: of the rows' keys and `mark_fields`. Empty if there are no such fields."""
        if not self.mark_fields:
            return ""
        rows = [
            [record.pk, *(getattr(record, name) for name in self.mark_fields)] for record in self.records()
        ]
        return mark(self.count, rows)

    def records(self) -> list[Any]:
        """The rows on this page."""
        return [row.record for row in self.table.paginated_rows]

    @cached_property
    def table(self) -> Table:
        """The table of this request, sorted and paged."""
        return super().get_table(**self.get_table_kwargs())

    def get_table(self, **kwargs: Any) -> Table:
        return self.table

    @cached_property
    def count(self) -> int:
        """How many rows match; one above the cap means more than that."""
        return self.table.paginator.counted

    @cached_property
    def not_understood(self) -> list[str]:
        """Names of the parameters that were ignored."""
        names = self.filterset.not_understood(self.known_parameters)
        sort = self.request.GET.get("sort", "")
        is_bad_sort = any(name.lstrip("-") not in self.table.columns for name in sort.split(",") if name)
        return [*names, *self.misread_looks(), *(["sort"] if is_bad_sort else [])]

    @cached_property
    def is_filtered(self) -> bool:
        """True if any filter narrows the list."""
        return any(self.request.GET.get(name) for name in self.filterset.filters)

    @property
    def bulk_query(self) -> str:
        """The filters in force, as a form sends them when all that match are meant."""
        names = [name for name in self.filterset.filters if self.request.GET.get(name)]
        return urlencode({name: ",".join(self.request.GET.getlist(name)) for name in names})

    @property
    def has_more_than_shown(self) -> bool:
        """Whether more rows match than this page shows."""
        return self.count > len(self.records())

    def carried(self) -> list[tuple[str, str]]:
        """What the filter form sends besides its fields, so that it stays in the address."""
        names = ("sort", "view", "show")
        return [(name, self.request.GET[name]) for name in names if self.request.GET.get(name)]

    @property
    def trigger(self) -> str:
        """What makes the results ask again, as `hx-trigger` has it."""
        return ", ".join([*(f"{event} from:body" for event in self.refresh_on.split()), "poll"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Without script a chip's button sends the whole form and `without`: the address then leaves that filter out."""
        name = request.GET.get("without")
        if name is None:
            return super().get(request, *args, **kwargs)
        self.filterset = self.get_filterset(self.get_filterset_class())
        return HttpResponseRedirect(self.address(**{name: None}, without=None, page=None, cursor=None))

    def chips(self) -> list[Chip]:
        """The filters in force outside the sentences."""
        return self.filterset.chips()

    @property
    def order(self) -> list[str]:
        """The order of parameters in addresses."""
        return [*self.filterset.order, "sort", "page", "cursor", *LOOKS]

    def address(self, **changes: Any) -> str:
        """This list's address with changed parameters, in the list's order."""
        return addresses.here(self.request, changes, order=self.order)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "choices": self.get_choices(),
            "chips": self.chips(),
            "is_filtered": self.is_filtered,
            **self._fields(),
            **self.looks(),
            "count": self.count,
            "count_cap": COUNT_CAP,
            "is_capped": self.count > COUNT_CAP,
            "mark": self.get_mark(),
            "poll_seconds": self.poll_seconds(),
            "is_partial": wants_partial(self.request),
            "empty": self.get_empty(),
        }

    def _fields(self) -> dict[str, Any]:
        form = self.filterset.form
        apart = {*self.filterset.sentence, self.search_parameter}
        search = form[self.search_parameter] if self.search_parameter in form.fields else None
        return {
            "search_field": search,
            "further_fields": [field for field in form if field.name not in apart],
        }

    def get_table_kwargs(self) -> dict[str, Any]:
        return {**super().get_table_kwargs(), "exclude": self.hidden_columns}

    def get_template_names(self) -> list[str]:
        if wants_partial(self.request):
            return [self.partial_template_name]
        return super().get_template_names()

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if self._is_unchanged(context["mark"]):
            return vary_on_htmx(HttpResponse(status=204))
        response = super().render_to_response(context, **kwargs)
        if wants_partial(self.request) and "since" not in self.request.GET:
            self._name_address(response)
        return vary_on_htmx(response)

    def _is_unchanged(self, mark: str) -> bool:
        since = self.request.GET.get("since", "")
        return bool(mark) and since == mark and wants_partial(self.request)

    def _name_address(self, response: HttpResponse) -> None:
        # A refresh after an event asks for the address that is already there, so it pushes nothing.
        address = self.address()
        if address != _canonical(current_page(self.request), self):
            response.headers["HX-Push-Url"] = address


def _canonical(page: str, view: ListPage) -> str:
    """The browser's address in the spelling of `view.address()`."""
    path, _, query = page.partition("?")
    return path + addresses.query(QueryDict(query), order=view.order)


class CursorPage(ListPage):
    """A list whose pages are cursors: for rows that keep arriving. `keyset` is the order; no sort links."""

    keyset: ClassVar[Sequence[str]] = ("-pk",)
    per_page: ClassVar[int] = 50
    table_pagination = False
    known_parameters: ClassVar[Sequence[str]] = ("cursor", "since", "overview", "step", *LOOKS)
    is_cursor_foreign = False

    def keyset_of(self, rows: QuerySet[Any]) -> Keyset:
        """The pages of these rows, which are of this list."""
        whole = self.get_queryset()
        return Keyset(rows, self.keyset, per_page=self.per_page, apart=self.apart(), whole=whole)

    def apart(self) -> list[Q]:
        """Conditions of which each row of the list meets one, where the database finds each by itself faster (Keyset)."""
        return []

    @cached_property
    def slice(self) -> Slice:
        """The shown page; a cursor that is not ours gives the first one."""
        keyset = self.keyset_of(self.object_list)
        try:
            return keyset.page(self.request.GET.get("cursor", ""))
        except CursorRefused:
            self.is_cursor_foreign = True
            return keyset.page()

    @cached_property
    def not_understood(self) -> list[str]:
        names = super().not_understood
        return [*names, "cursor"] if self.slice and self.is_cursor_foreign else names

    @cached_property
    def count(self) -> int:
        return capped_count(self.object_list)

    def get_table_data(self) -> list[Any]:
        return self.slice.rows

    def get_table_kwargs(self) -> dict[str, Any]:
        return {**super().get_table_kwargs(), "orderable": False}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "slice": self.slice}
