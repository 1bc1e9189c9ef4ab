"""The monitoring page, each of its panels by itself, and their figures as CSV."""

import csv
from datetime import datetime
from typing import Any, Final

from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from audit.export import FORMATS, cell
from config.web.htmx import vary_on_htmx, wants_partial
from runs.models import Level, ScopeTally, Tally, TallyEntry
from runs.models.tally import of_removed
from runs.views.monitoring import links, words
from runs.views.monitoring.asked import MOST, RANGES, Asked, asked_of
from runs.views.monitoring.marks import ledger_mark
from runs.views.monitoring.panel import Panel
from runs.views.monitoring.panel import render as render_panel
from runs.views.monitoring.panels import OF_ALL, PANELS
from workflows import queries
from workflows.lifecycle import Refusal

NOT_BESIDE_ONE: Final = ("comparison",)


@require_GET
def monitoring(request: HttpRequest) -> HttpResponse:
    """All panels of the chosen range, scope and workflows. `add`: one more workflow, by name or number."""
    asked = asked_of(request)
    problem = ""
    if request.GET.get("add"):
        added = _with_added(request, asked)
        if isinstance(added, HttpResponse):
            return added
        problem = added
    return _page(request, asked, [one for one in OF_ALL if _belongs(one, asked)], problem=problem)


@require_GET
def monitoring_panel(request: HttpRequest, panel: str) -> HttpResponse:
    """One panel: a fragment for htmx, 204 for a poll without news; else a page with it alone."""
    shown, asked = _panel(request, panel)
    if not wants_partial(request):
        return _page(request, asked, [shown])
    since, known = request.GET.get("since", ""), "" if shown.is_live else ledger_mark(asked)
    if since and since == known:
        return vary_on_htmx(HttpResponse(status=204))
    section = render_panel(shown, asked, request, mark=known)
    if shown.is_live and since and f'data-mark="{since}"' in section:
        return vary_on_htmx(HttpResponse(status=204))
    return vary_on_htmx(HttpResponse(section))


@require_GET
def monitoring_csv(request: HttpRequest, panel: str) -> HttpResponse:
    """The panel's figures, exact; times in UTC, ISO 8601."""
    shown, asked = _panel(request, panel)
    response = HttpResponse(content_type=FORMATS["csv"])
    response.headers["Content-Disposition"] = f'attachment; filename="{panel}-{asked.range}.csv"'
    writer = csv.writer(response)
    for row in shown.rows(asked):
        writer.writerow([cell(value) for value in row])
    return response


def _panel(request: HttpRequest, key: str) -> tuple[Panel, Asked]:
    panel, asked = PANELS.get(key), asked_of(request)
    if panel is None or (panel.needs_one and asked.only is None):
        raise Http404
    return panel, asked


def _belongs(panel: Panel, asked: Asked) -> bool:
    return asked.only is None or panel.key not in NOT_BESIDE_ONE


def _with_added(request: HttpRequest, asked: Asked) -> HttpResponse | str:
    """The way to the page with one workflow more, or why there is none."""
    try:
        found = queries.by_name_or_id(request.GET["add"], workflows=queries.listed(request.user))
    except Refusal as refused:
        return refused.message
    chosen = list(dict.fromkeys([*(one.pk for one in asked.workflows), found.pk]))
    if len(chosen) > MOST:
        return _("At most five workflows stand side by side.")
    return HttpResponseRedirect(links.monitoring(asked, workflow=",".join(map(str, chosen)), place=None))


def _page(request: HttpRequest, asked: Asked, panels: list[Panel], *, problem: str = "") -> HttpResponse:
    known = ledger_mark(asked)
    sections = [render_panel(one, asked, request, mark="" if one.is_live else known) for one in panels]
    context: dict[str, Any] = {
        "asked": asked,
        "sections": sections,
        "alone": panels[0] if len(panels) == 1 else None,
        "ranges": ranges(asked),
        "chosen": _chosen(asked),
        "problem": problem,
        "window": words.window(asked.window),
        "counted_since": first_counted(asked),
        "may_add": len(asked.workflows) < MOST,
    }
    return vary_on_htmx(render(request, "runs/monitoring/page.html", context))


def ranges(asked: Asked, path: str = "") -> list[tuple[str, Any, str, bool]]:
    """The ranges: word, label, address, whether it is the shown one. `path`: of another page that shows panels."""
    found = []
    for word, label in RANGES.items():
        href = f"{path}?range={word}" if path else links.monitoring(asked, range=word, place=None)
        found.append((word, label, href, word == asked.range))
    return found


def _chosen(asked: Asked) -> list[tuple[str, str]]:
    """The workflows that are shown, each with the address without it."""
    pks = [one.pk for one in asked.workflows]
    return [
        (
            one.name,
            links.monitoring(asked, workflow=",".join(str(pk) for pk in pks if pk != one.pk), place=None),
        )
        for one in asked.workflows
    ]


def first_counted(asked: Asked) -> datetime | None:
    """The first day of which there are figures; None before the first run has ended."""
    entries, days = TallyEntry.objects.all(), ScopeTally.objects.filter(level=Level.DAY)
    earliest = days.aggregate(at=Min("start"))["at"]
    if asked.only is not None:
        entries, own = entries.filter(workflow=asked.only.pk), Tally.objects.filter(workflow=asked.only.pk)
        earliest = own.filter(of_removed(False), level=Level.DAY).aggregate(at=Min("start"))["at"]
    earliest = earliest or entries.aggregate(at=Min("at"))["at"]
    return earliest.astimezone(asked.window.zone) if earliest else None
