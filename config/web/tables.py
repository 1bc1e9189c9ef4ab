"""Tables: caption, scoped headers, a row header, sort links with real addresses, labels for narrow screens."""

from collections.abc import Callable
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.web import time
from config.web.badges import badge
from config.web.menus import Menu

LARGEST_PAGE = 200


class Table(tables.Table):
    """Base of every list. Subclasses set `caption` and `row_header` (the column whose cell names the row).

    `Meta.order_by` is the default order; the view appends the key, so that pages never overlap.
    """

    caption: Any = ""
    row_header: str = ""
    row_prefix = "row"

    class Meta:
        template_name = "ui/_table.html"
        per_page = 50
        default = "—"

    def row_id(self, record: Any) -> str:
        """A stable id for the row's element."""
        return f"{self.row_prefix}-{record.pk}"

    def paginate(self, paginator_class: Any = None, per_page: int | None = None, **kwargs: Any) -> "Table":
        """As django-tables2, but `per_page` from the address is bounded."""
        size = max(1, min(per_page or self._meta.per_page, LARGEST_PAGE))
        chosen = {"paginator_class": paginator_class} if paginator_class else {}
        return super().paginate(per_page=size, **chosen, **kwargs)


class MomentColumn(tables.Column):
    """A time, absolute in the person's zone."""

    def __init__(self, *args: Any, precision: time.Precision = "minute", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.precision = precision

    def render(self, value: Any) -> SafeString:
        return time.element(value, precision=self.precision)


class DurationColumn(tables.Column):
    """A timedelta in at most two units, right-aligned."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"cell": {"class": "number"}})
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> str:
        return time.duration(value)


class NumberColumn(tables.Column):
    """A figure: right-aligned, digits of one width, sorted from the largest first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"cell": {"class": "number"}})
        kwargs.setdefault("initial_sort_descending", True)
        super().__init__(*args, **kwargs)


class BadgeColumn(tables.Column):
    """A status, as its badge."""

    def render(self, value: Any) -> str:
        return render_to_string("ui/_badge.html", {"badge": badge(str(value)), "word": value})


class FragmentColumn(tables.Column):
    """A cell drawn by a template, which gets `record`, `value` and `table`. For anything beyond plain text."""

    def __init__(self, template: str, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("empty_values", ())
        super().__init__(*args, **kwargs)
        self.template = template

    def render(self, record: Any, value: Any, table: Table) -> str:
        return render_to_string(self.template, {"record": record, "value": value, "table": table})


class SelectColumn(tables.Column):
    """The box that selects a row, and in the header the one that takes the page. Sends `ids` with form `bulk`."""

    def __init__(self, *, naming: Callable[[Any], str] = str, **kwargs: Any) -> None:
        kwargs = {"accessor": "pk", "orderable": False, "verbose_name": _("Select"), **kwargs}
        super().__init__(attrs={"cell": {"class": "select"}}, **kwargs)
        self.naming = naming

    @property
    def header(self) -> str:
        return render_to_string("ui/_select_all.html")

    def render(self, record: Any) -> str:
        return render_to_string("ui/_select.html", {"pk": record.pk, "name": self.naming(record)})


class MenuColumn(tables.Column):
    """The row's three-dot menu. `menu` makes it from the record and the table's request, without a query."""

    def __init__(self, menu: Callable[[Any, Any], Menu], **kwargs: Any) -> None:
        kwargs = {"empty_values": (), "orderable": False, "verbose_name": _("Actions"), **kwargs}
        super().__init__(attrs={"cell": {"class": "actions"}}, **kwargs)
        self.menu = menu

    def render(self, record: Any, table: Table) -> str:
        menu = self.menu(record, table.request)
        return render_to_string("ui/_menu.html", {"menu": menu}) if menu.items else ""
