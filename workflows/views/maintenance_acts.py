"""The dialogs about maintenance windows: GET asks; POST tells the consequence in numbers, then does it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from config.web.dialogs import Dialog, render_dialog
from workflows import access, maintenance
from workflows.lifecycle import Status, ValueRefused
from workflows.models import MaintenanceWindow, WindowPause, Workflow
from workflows.services.maintenance import (
    WindowGone,
    change_window,
    check_plan,
    create_window,
    delete_window,
    end_window,
)
from workflows.views.asking import Family, ask_or_do, revision_of
from workflows.views.connection_forms import put_findings
from workflows.views.maintenance_forms import EndForm, WindowForm, ZonedForm

FAMILY = Family("maintenance:list", "maintenance-changed", WindowGone, "workflows/maintenance/_act.html")
State = MaintenanceWindow.State
asks_and_does = require_http_methods(["GET", "POST"])


@asks_and_does
def create(request: HttpRequest) -> HttpResponse:
    """A new window."""
    if not access.may(request.user, "maintenance"):
        raise PermissionDenied(_("Planning maintenance windows needs the role Operator."))
    form = WindowForm(request.user, request.POST or None)
    about = {"title": _("Plan maintenance window"), "back": reverse("maintenance:list")}

    def act() -> str:
        changed, window = create_window(form.plan())
        line = (
            _("Planned %(name)s.") if changed else _("%(name)s is planned just so already; nothing was done.")
        )
        return line % {"name": window.title}

    return _plan(request, form, act, about, confirm=_("Plan it"))


@asks_and_does
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another plan; of a window that has begun only another end."""
    window = theirs(request, pk)
    if window.state in (State.OVER, State.ENDED_EARLY):
        over = _("The window is over. Plan another one.")
        return render_dialog(request, _about(window, _("Change maintenance window"), "", sentence=over))
    form: ZonedForm = (
        WindowForm(request.user, request.POST or None, window=window)
        if window.state == State.UPCOMING
        else EndForm(window, request.POST or None)
    )

    def act() -> str:
        changed, now = change_window(pk, form.plan(), revision=revision_of(request))
        line = _("Saved %(name)s.") if changed else _("Nothing to do: %(name)s is just so already.")
        return line % {"name": now.title}

    about = {
        "title": _("Change maintenance window"),
        "subject": window.title,
        "back": reverse("maintenance:detail", args=[pk]),
        "revision": window.revision,
    }
    return _plan(request, form, act, about, confirm=_("Save"))


def _plan(
    request: HttpRequest, form: ZonedForm, act: Any, about: dict[str, Any], *, confirm: str
) -> HttpResponse:
    """First the numbers, then, when the person has seen just these, the act."""
    touched = _unseen(form)
    if touched is None:
        dialog = Dialog(**about, confirm=confirm if form["seen"].value() else _("Continue"), wide=True)
        return ask_or_do(request, FAMILY, dialog, act, form=form)
    dialog = Dialog(**about, confirm=confirm, sentence=_consequence(touched), wide=True)
    context = {"workflows": touched}
    return render_dialog(request, dialog, form=form, template=FAMILY.template, context=context)


def _unseen(form: ZonedForm) -> list[Workflow] | None:
    """The workflows that a good plan is bound to, if their numbers have not been shown yet."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        plan = check_plan(form.plan())
    except ValueRefused as refused:
        put_findings(form, refused)
        return None
    touched = maintenance.bound(plan.scopes, tags=plan.tags, connection=plan.connection)
    return None if form.shows(f"{len(touched)}/{_active(touched)}") else touched


def _active(workflows: list[Workflow]) -> int:
    return sum(workflow.status == Status.ACTIVE for workflow in workflows)


def _consequence(touched: list[Workflow]) -> str:
    active = _active(touched)
    bound = ngettext("It is bound to %(n)d workflow.", "It is bound to %(n)d workflows.", len(touched))
    paused = ngettext(
        "%(n)d is Active now: it is paused when the window begins and resumed when it ends, if its checks pass.",
        "%(n)d are Active now: they are paused when the window begins and resumed when it ends, if their checks pass.",
        active,
    )
    return f"{bound % {'n': len(touched)}} {paused % {'n': active}}"


@asks_and_does
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a window in force now."""
    window = theirs(request, pk)
    kept = _kept(window)
    dialog = _about(window, _("End maintenance window"), _("End now"), sentence=_resumed(len(kept)))

    def act() -> str:
        changed, now = end_window(pk, revision=revision_of(request))
        line = (
            _("Ended %(name)s. What it paused is resumed now.")
            if changed
            else _("Nothing to do: %(name)s is over.")
        )
        return line % {"name": now.title}

    return ask_or_do(request, FAMILY, dialog, act, context={"workflows": kept})


@asks_and_does
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a window: what has not begun does not happen, what it paused is resumed."""
    window = theirs(request, pk)
    kept = _kept(window)
    dialog = _about(
        window,
        _("Delete maintenance window"),
        _("Delete"),
        sentence=f"{_what_goes(window, len(kept))} {_('Its audit events stay.')}",
        danger=True,
    )

    def act() -> str:
        delete_window(pk, revision=revision_of(request))
        return _("Deleted %(name)s.") % {"name": window.title}

    leaves = reverse("maintenance:detail", args=[pk])
    return ask_or_do(request, FAMILY, dialog, act, context={"workflows": kept}, leaves=leaves)


def _what_goes(window: MaintenanceWindow, kept: int) -> str:
    if window.state == State.CURRENT or kept:
        return _resumed(kept)
    if window.state != State.UPCOMING:
        return _("It is over; what it did is no longer shown here.")
    touched = maintenance.counts([window])[window.pk]
    line = ngettext(
        "%(n)d workflow that is Active now will not be paused.",
        "%(n)d workflows that are Active now will not be paused.",
        touched.active,
    )
    return line % {"n": touched.active}


def _resumed(count: int) -> str:
    line = ngettext(
        "%(n)d workflow that it paused will be resumed if its checks pass; what was held is released.",
        "%(n)d workflows that it paused will be resumed if their checks pass; what was held is released.",
        count,
    )
    return line % {"n": count}


def _kept(window: MaintenanceWindow) -> list[Workflow]:
    """The workflows that this window keeps paused, by name."""
    rows = WindowPause.objects.filter(window=window, closed_at=None).order_by("workflow__name_key")
    return [row.workflow for row in rows.select_related("workflow__scope")]


def theirs(request: HttpRequest, pk: int) -> MaintenanceWindow:
    """The window if the person sees it (else 404) and may change it (else 403)."""
    window = access.visible_or_404(request.user, maintenance.visible(request.user), pk=pk)
    if not access.may(request.user, "maintenance", window):
        raise PermissionDenied(_("This needs the role Operator in the scope of the window."))
    return window


def _about(window: MaintenanceWindow, title: str, confirm: str, **more: Any) -> Dialog:
    back = reverse("maintenance:detail", args=[window.pk])
    return Dialog(title, subject=window.title, confirm=confirm, back=back, revision=window.revision, **more)
