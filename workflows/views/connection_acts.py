"""The dialogs about connections: GET asks, POST does; all work as plain pages too."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from config.web.dialogs import Dialog
from workflows import access
from workflows.connections import used_by
from workflows.services import outages
from workflows.services.connections import (
    change_connection,
    create_connection,
    delete_connection,
    rotate_secret,
)
from workflows.views.asking import ask_or_do, revision_of
from workflows.views.connection_dialogs import FAMILY, dialog_about, theirs, told
from workflows.views.connection_forms import ConfirmForm, CreateForm, EditForm, SecretForm

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

    return ask_or_do(request, FAMILY, dialog, act, form=form)


@asks_and_does
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Address and authentication."""
    connection = theirs(request, pk, "manage_connections")
    form = EditForm(connection, request.POST or None)
    dialog = dialog_about(connection, _("Edit connection"), _("Save"))

    def act() -> str:
        given = form.credentials()
        changed, _now = change_connection(
            pk, base_url=form.cleaned_data["base_url"], credentials=given, revision=revision_of(request)
        )
        line = (
            _("Saved %(name)s. Test it now.") if changed else _("Nothing to do: %(name)s is just so already.")
        )
        return line % {"name": connection.name}

    return ask_or_do(request, FAMILY, dialog, act, form=form)


@asks_and_does
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Another secret; the present one is never shown."""
    connection = theirs(request, pk, "secrets")
    form = SecretForm(connection, request.POST or None)
    dialog = dialog_about(
        connection,
        _("Rotate secret"),
        _("Rotate secret"),
        sentence=_("Requests use the new secret from the moment you send it. It cannot be read afterwards."),
    )

    def act() -> str:
        changed, _now = rotate_secret(pk, form.cleaned_data["secret"], revision=revision_of(request))
        line = (
            _("Rotated the secret of %(name)s.")
            if changed
            else _("Nothing to do: this is the present secret.")
        )
        return line % {"name": connection.name}

    return ask_or_do(request, FAMILY, dialog, act, form=form)


@asks_and_does
def down(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as down: pauses the workflows that use it."""
    connection = theirs(request, pk, "mark_connection")
    waiting = outages.to_pause(connection)
    sentence = ngettext(
        "%(n)d Active workflow uses it and will be paused; its runs in progress are held.",
        "%(n)d Active workflows use it and will be paused; their runs in progress are held.",
        len(waiting),
    ) % {"n": len(waiting)}
    dialog = dialog_about(connection, _("Mark connection as down"), _("Mark as down"), sentence=sentence)

    def act() -> str:
        marked = outages.mark_down(pk)
        count = len(marked.workflows)
        text = ngettext(
            "%(name)s is down; paused %(n)d workflow.", "%(name)s is down; paused %(n)d workflows.", count
        )
        return told(text % {"name": connection.name, "n": count}, marked)

    return ask_or_do(request, FAMILY, dialog, act, context={"workflows": waiting})


@asks_and_does
def up(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as up: resumes the workflows that its outage paused."""
    connection = theirs(request, pk, "mark_connection")
    waiting = outages.to_resume(connection)
    sentence = ngettext(
        "%(n)d workflow that it paused will be resumed if its checks pass; what was held is released.",
        "%(n)d workflows that it paused will be resumed if their checks pass; what was held is released.",
        len(waiting),
    ) % {"n": len(waiting)}
    dialog = dialog_about(connection, _("Mark connection as up"), _("Mark as up"), sentence=sentence)

    def act() -> str:
        marked = outages.mark_up(pk)
        count = len(marked.workflows)
        text = ngettext(
            "%(name)s is up; resumed %(n)d workflow.", "%(name)s is up; resumed %(n)d workflows.", count
        )
        return told(text % {"name": connection.name, "n": count}, marked)

    return ask_or_do(request, FAMILY, dialog, act, context={"workflows": waiting})


@asks_and_does
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete for good, by typing the name; not while workflows use it."""
    connection = theirs(request, pk, "manage_connections")
    users = used_by(connection)
    used = ngettext(
        "%(n)d workflow uses it, so it cannot be deleted. Take it out of its steps first.",
        "%(n)d workflows use it, so it cannot be deleted. Take it out of their steps first.",
        len(users),
    ) % {"n": len(users)}
    dialog = dialog_about(
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
        delete_connection(pk, confirm=confirm, revision=revision_of(request))
        return _("Deleted %(name)s.") % {"name": connection.name}

    return ask_or_do(
        request, FAMILY, dialog, act, form=form, context={"workflows": users}, leaves=dialog.back
    )
