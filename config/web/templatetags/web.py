"""Tags of the page kit: `{% load web %}`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.web import addresses, icons, numbers, time
from config.web.badges import badge
from config.web.menus import Menu
from config.web.paging import COUNT_CAP

register = template.Library()
register.simple_tag(icons.icon, name="icon")


@register.simple_tag
def moment(value: datetime | None, precision: time.Precision = "minute", *, relative: bool = True) -> str:
    """`{% moment run.started_at precision="second" %}`; a dash where there is no time."""
    return time.element(value, precision=precision, is_relative=relative) if value else "—"


@register.simple_tag
def moment_text(value: datetime) -> str:
    """`{% moment_text hour.start %}`: the time as plain text, for labels."""
    return time.human(value)


@register.simple_tag
def soon_text(value: datetime) -> str:
    """`{% soon_text window.starts_at %}`: the time alone where it is today's, for tags."""
    return time.soon(value)


@register.simple_tag
def clock_text(value: datetime) -> str:
    """`{% clock_text hour.start %}`: "09:14" in the active zone, for axes."""
    return f"{timezone.localtime(value):%H:%M}"


@register.filter
def duration(value: timedelta | None) -> str:
    """`{{ run.duration|duration }}`: at most two units; a dash where there is none."""
    return time.duration(value) if value is not None else "—"


@register.inclusion_tag("ui/_badge.html")
def status_badge(word: str) -> dict[str, Any]:
    """`{% status_badge workflow.status %}`: shape, word and colour."""
    return {"badge": badge(str(word)), "word": word}


@register.inclusion_tag("ui/_menu.html")
def actions(menu: Menu) -> dict[str, Any]:
    """`{% actions menu %}`: a three-dot menu; nothing where it has no items."""
    return {"menu": menu}


@register.inclusion_tag("ui/_field.html")
def field(bound: BoundField, *, counter: int = 0) -> dict[str, Any]:
    """`{% field form.name counter=50 %}`: label, help, input, errors. `counter` shows the characters left."""
    is_tick = isinstance(bound.field.widget, CheckboxInput)
    return {
        "field": bound,
        "counter": counter,
        "is_tick": is_tick,
        "is_group": bound.use_fieldset and not is_tick,
    }


@register.simple_tag(takes_context=True)
def address(context: Context, **changes: Any) -> str:
    """`{% address sort="-name" page=None %}`: this page's address with changes, in the list's order."""
    view = context.get("view")
    if view is not None and hasattr(view, "address"):
        return view.address(**changes)
    return addresses.here(context["request"], changes)


@register.simple_tag
def row_id(table: Any, record: Any) -> str:
    """The id of a record's row in a table."""
    return table.row_id(record)


@register.filter
def counted(number: int) -> str:
    """A count as text; counting ends at "10,000+"."""
    return f"{numbers.grouped(COUNT_CAP)}+" if number > COUNT_CAP else numbers.grouped(number)


@register.filter
def grouped(number: int) -> str:
    """An exact count, its digits in groups of three."""
    return f"{number:,}"


@register.filter
def sentence(words: Sequence[Any]) -> str:
    """Labels joined for a filter sentence; "nothing" for none."""
    return ", ".join(str(word) for word in words) or pgettext("filter sentence", "nothing")


@register.filter
def aria_sort(column: Any) -> SafeString:
    """The `aria-sort` attribute of a header, empty where the column is not sorted by."""
    if not column.is_ordered:
        return SafeString("")
    return format_html(
        ' aria-sort="{}"', "descending" if column.order_by_alias.is_descending else "ascending"
    )


@register.filter
def next_order(column: Any) -> str:
    """The `sort` value that the header's link leads to."""
    return str(column.order_by_alias.next)


@register.filter
def page_numbers(page: Any) -> list[int | None]:
    """Page numbers to show around a page of a paginator; None stands for a gap."""
    last = page.paginator.num_pages
    wanted = sorted(
        {1, 2, page.number - 1, page.number, page.number + 1, last - 1, last} & set(range(1, last + 1))
    )
    shown: list[int | None] = []
    for number in wanted:
        if shown and number - (shown[-1] or 0) > 1:
            shown.append(None)
        shown.append(number)
    return shown


@register.filter
def dashed(path: str) -> str:
    """A place such as `retry.tries` as part of an id."""
    return path.replace(".", "-")


@register.simple_tag
def not_understood(names: Sequence[str]) -> str:
    """The sentence about ignored parameters."""
    if len(names) == 1:
        return _("1 filter was not understood and is ignored: %(names)s") % {"names": names[0]}
    return _("%(n)d filters were not understood and are ignored: %(names)s") % {
        "n": len(names),
        "names": ", ".join(names),
    }
