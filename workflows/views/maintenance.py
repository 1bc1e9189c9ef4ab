"""Maintenance windows: what is in force, what comes, what is over; and one window's page."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from config.clock import stamp
from config.web import time
from config.web.menus import Menu, MenuItem
from workflows import access, maintenance
from workflows.forms.pausing import IN_FLIGHT_LABELS, TRIGGER_LABELS
from workflows.maintenance import Touched
from workflows.models import MaintenanceWindow, WindowPause
from workflows.views.connections import WORKFLOW_PAGE

PAST_SHOWN: Final = 25
WORKFLOWS_SHOWN: Final = 200
State = MaintenanceWindow.State


@dataclass(frozen=True)
class Row:
    """A window as lists show it: how many workflows it is bound to now, and how its pauses went out."""

    window: MaintenanceWindow
    touched: Touched | None
    outcomes: list[str] = field(default_factory=list)
    menu: Menu | None = None


@require_GET
def window_list(request: HttpRequest) -> HttpResponse:
    """All windows that the person sees, in a constant number of queries."""
    moment, windows = stamp(), maintenance.visible(request.user)
    current, upcoming = list(windows.current(moment)), list(windows.upcoming(moment))
    past = Paginator(windows.past(moment).order_by("-ends_at", "-pk"), PAST_SHOWN).get_page(
        request.GET.get("page")
    )
    ahead = maintenance.counts([*current, *upcoming])
    how = maintenance.outcomes([*current, *past])
    context = {
        "current": [_row(request, window, ahead, how) for window in current],
        "upcoming": [_row(request, window, ahead, how) for window in upcoming],
        "past": [_row(request, window, ahead, how) for window in past],
        "page": past,
        "may_create": access.may(request.user, "maintenance"),
    }
    return render(request, "workflows/maintenance/list.html", context)


def _row(request: HttpRequest, window: MaintenanceWindow, ahead: Any, how: Any) -> Row:
    menu = menu_of(window, request)
    return Row(window, ahead.get(window.pk), _in_words(how.get(window.pk, Counter())), menu)


def _in_words(counted: Counter[str]) -> list[str]:
    return [f"{label}: {counted[value]}" for value, label in WindowPause.Outcome.choices if counted[value]]


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One window: when, whom it concerns, what it paused, which resumed and which stay Paused, and why."""
    window = access.visible_or_404(request.user, maintenance.visible(request.user), pk=pk)
    is_ahead = window.state in (State.UPCOMING, State.CURRENT)
    touched = maintenance.touched_by(window) if is_ahead else []
    pauses = window.pauses.select_related("workflow").order_by("outcome", "workflow__name_key")
    context = {
        "window": window,
        "menu": menu_of(window, request),
        "in_zone": _in_its_zone(window),
        "in_flight": dict(IN_FLIGHT_LABELS)[window.in_flight],
        "triggers": dict(TRIGGER_LABELS)[window.triggers],
        "is_ahead": is_ahead,
        "touched_count": len(touched),
        "touched": [(workflow, WORKFLOW_PAGE % workflow.pk) for workflow in touched[:WORKFLOWS_SHOWN]],
        "pause_count": pauses.count(),
        "pauses": [(one, WORKFLOW_PAGE % one.workflow_id) for one in pauses[:WORKFLOWS_SHOWN]],
        "shown": WORKFLOWS_SHOWN,
    }
    return render(request, "workflows/maintenance/detail.html", context)


def _in_its_zone(window: MaintenanceWindow) -> str:
    """From and to as the clocks there show it; empty where they are the person's own."""
    if window.zone == timezone.get_current_timezone_name():
        return ""
    with timezone.override(window.zone):
        return _("%(start)s to %(end)s") % {
            "start": time.human(window.starts_at),
            "end": time.human(window.ends_at),
        }


def menu_of(window: MaintenanceWindow, request: HttpRequest) -> Menu:
    """What a person may do with a window, in rows and on its page. Causes no query but for the roles."""
    possible = {State.UPCOMING: ["edit"], State.CURRENT: ["edit", "end"]}.get(window.state, [])
    labels = {"edit": _("Change"), "end": _("End now")}
    items = [MenuItem(labels[word], _url(word, window), dialog=True, verb=word) for word in possible]
    if items:
        items.append(MenuItem(_("Delete"), _url("delete", window), dialog=True, danger=True, separated=True))
    else:
        items.append(MenuItem(_("Delete"), _url("delete", window), dialog=True, danger=True))
    allowed = access.may(request.user, "maintenance", window)
    return Menu(f"actions-{window.pk}", window.title, items if allowed else [])


def _url(word: str, window: MaintenanceWindow) -> str:
    return reverse(f"maintenance:{word}", args=[window.pk])
