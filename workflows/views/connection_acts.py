"""The dialogs about connections: GET asks, POST does; all work as plain pages too."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from config.web import htmx
from config.web.dialogs import BASE_TEMPLATE, Dialog, render_dialog
from config.web.origins import current_page
from workflows import access
from workflows.connections import used_by
from workflows.connections.health import ConnectionGone
from workflows.lifecycle import Refusal, Stale, ValueRefused
from workflows.models import Connection
from workflows.services import outages
from workflows.services.connections import (
    change_connection,
    create_connection,
    delete_connection,
    rotate_secret,
)
from workflows.views.connection_forms import ConfirmForm, CreateForm, EditForm, SecretForm, put_findings
from workflows.views.connections import visible

FOLDER = "workflows/connections"
asks_and_does = require_http_methods(["GET", "POST"])


@asks_and_does
def create(request: HttpRequest) -> HttpResponse:
    """A new connection."""
    if not access.may(request.user, "manage_connections"):
        raise PermissionDenied(_("Creating connections needs the role Manager."))
    form = CreateForm(request.user, request.POST or None)
    dialog = Dialog(_("Create connection"), confirm=_("Create"), back=reverse("connections:list"))

    def act() -> str:
        given = form.cleaned_data
        changed, made = create_connection(
            given["name"],
            base_url=given["base_url"],
            scope=given["scope"],
            kind=given["kind"],
            credentials=form.credentials(),
        )
        line = (
            _("Created %(name)s. Test it now.")
            if changed
            else _("%(name)s exists just so; nothing was done.")
        )
        return line % {"name": made.name}

    return _ask_or_do(request, dialog, act, form=form)


@asks_and_does
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Address and authentication."""
    connection = _theirs(request, pk, "manage_connections")
    form = EditForm(connection, request.POST or None)
    dialog = _dialog(connection, _("Edit connection"), _("Save"))

    def act() -> str:
        given = form.credentials()
        changed, _now = change_connection(
            pk, base_url=form.cleaned_data["base_url"], credentials=given, revision=_revision(request)
        )
        line = (
            _("Saved %(name)s. Test it now.") if changed else _("Nothing to do: %(name)s is just so already.")
        )
        return line % {"name": connection.name}

    return _ask_or_do(request, dialog, act, form=form)


@asks_and_does
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Another secret; the present one is never shown."""
    connection = _theirs(request, pk, "secrets")
    form = SecretForm(connection, request.POST or None)
    dialog = _dialog(
        connection,
        _("Rotate secret"),
        _("Rotate secret"),
        sentence=_("Requests use the new secret from the moment you send it. It cannot be read afterwards."),
    )

    def act() -> str:
        changed, _now = rotate_secret(pk, form.cleaned_data["secret"], revision=_revision(request))
        line = (
            _("Rotated the secret of %(name)s.")
            if changed
            else _("Nothing to do: this is the present secret.")
        )
        return line % {"name": connection.name}

    return _ask_or_do(request, dialog, act, form=form)


@asks_and_does
def down(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as down: pauses the workflows that use it."""
    connection = _theirs(request, pk, "mark_connection")
    waiting = outages.to_pause(connection)
    sentence = ngettext(
        "%(n)d Active workflow uses it and will be paused; its runs in progress are held.",
        "%(n)d Active workflows use it and will be paused; their runs in progress are held.",
        len(waiting),
    ) % {"n": len(waiting)}
    dialog = _dialog(connection, _("Mark connection as down"), _("Mark as down"), sentence=sentence)

    def act() -> str:
        marked = outages.mark_down(pk)
        count = len(marked.workflows)
        text = ngettext(
            "%(name)s is down; paused %(n)d workflow.", "%(name)s is down; paused %(n)d workflows.", count
        )
        return _told(text % {"name": connection.name, "n": count}, marked)

    return _ask_or_do(request, dialog, act, context={"workflows": waiting})


@asks_and_does
def up(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as up: resumes the workflows that its outage paused."""
    connection = _theirs(request, pk, "mark_connection")
    waiting = outages.to_resume(connection)
    sentence = ngettext(
        "%(n)d workflow that it paused will be resumed if its checks pass; what was held is released.",
        "%(n)d workflows that it paused will be resumed if their checks pass; what was held is released.",
        len(waiting),
    ) % {"n": len(waiting)}
    dialog = _dialog(connection, _("Mark connection as up"), _("Mark as up"), sentence=sentence)

    def act() -> str:
        marked = outages.mark_up(pk)
        count = len(marked.workflows)
        text = ngettext(
            "%(name)s is up; resumed %(n)d workflow.", "%(name)s is up; resumed %(n)d workflows.", count
        )
        return _told(text % {"name": connection.name, "n": count}, marked)

    return _ask_or_do(request, dialog, act, context={"workflows": waiting})


@asks_and_does
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete for good, by typing the name; not while workflows use it."""
    connection = _theirs(request, pk, "manage_connections")
    users = used_by(connection)
    used = ngettext(
        "%(n)d workflow uses it, so it cannot be deleted. Take it out of its steps first.",
        "%(n)d workflows use it, so it cannot be deleted. Take it out of their steps first.",
        len(users),
    ) % {"n": len(users)}
    dialog = _dialog(
        connection,
        _("Delete connection"),
        _("Delete"),
        sentence=used if users else _("Its address and secret are deleted. Its audit events stay."),
        danger=True,
        blocked=bool(users),
    )
    form = None if users and request.method == "GET" else ConfirmForm(request.POST or None)

    def act() -> str:
        confirm = form.cleaned_data["confirm"] if form else ""
        delete_connection(pk, confirm=confirm, revision=_revision(request))
        return _("Deleted %(name)s.") % {"name": connection.name}

    return _ask_or_do(request, dialog, act, form=form, context={"workflows": users}, leaves=dialog.back)


def _ask_or_do(
    request: HttpRequest,
    dialog: Dialog,
    act: Callable[[], str],
    *,
    form: forms.Form | None = None,
    context: dict[str, Any] | None = None,
    leaves: str = "",
) -> HttpResponse:
    """GET: the dialog. POST: the act and its notice; 422 for refused values, 409 for other refusals.

    `leaves` is the page that is no more afterwards: whoever stands on it is led to the list.
    """

    def show(status: int = 200, refusal: str = "") -> HttpResponse:
        return render_dialog(
            request,
            dialog,
            form=form,
            status=status,
            template=f"{FOLDER}/_act.html" if context else BASE_TEMPLATE,
            context={**(context or {}), "refusal": refusal},
        )

    if request.method == "GET" or (form is not None and not form.is_valid()):
        return show()
    try:
        said = act()
    except ValueRefused as refused:
        if form is None:
            raise
        put_findings(form, refused)
        return show(422)
    except Refusal as refused:
        return show(409, refused.message)
    except ConnectionGone as gone:
        raise Http404 from gone
    listed = reverse("connections:list")
    if leaves and htmx.is_htmx(request) and current_page(request).startswith(leaves):
        htmx.tell(request, said)
        return htmx.go_to(listed)
    return htmx.finish(request, "connection-changed", to=listed, notice=said)


def _theirs(request: HttpRequest, pk: int, permission: str) -> Connection:
    """The connection if the person sees it (else 404) and may do this (else 403)."""
    connection = access.visible_or_404(request.user, visible(request), pk=pk)
    if not access.may(request.user, permission, connection):
        role = access.PERMISSIONS[permission].label
        raise PermissionDenied(_("This needs the role %(role)s in the connection's scope.") % {"role": role})
    return connection


def _dialog(connection: Connection, title: str, confirm: str, **more: Any) -> Dialog:
    back = reverse("connections:detail", args=[connection.pk])
    return Dialog(
        title, subject=connection.name, confirm=confirm, back=back, revision=connection.revision, **more
    )


def _revision(request: HttpRequest) -> int:
    """The revision that the person saw. A form without a readable one counts as stale."""
    sent = request.POST.get("revision", "")
    if not sent.isascii() or not sent.isdigit() or len(sent) > 9:
        raise Stale(_("The form does not say what you saw. Open it again."))
    return int(sent)


def _told(text: str, marked: outages.Marked) -> str:
    left = [
        _("Left as it is: %(name)s. %(why)s") % {"name": one.workflow.name, "why": one.why}
        for one in marked.left
    ]
    return " ".join([text, *left])
