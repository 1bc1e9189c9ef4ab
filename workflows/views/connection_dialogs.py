"""What the dialogs about connections share: who may, and what is said."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from config.web.dialogs import Dialog
from workflows import access
from workflows.connections.health import ConnectionGone
from workflows.models import Connection
from workflows.services import outages
from workflows.views.asking import Family
from workflows.views.connections import visible

FAMILY = Family("connections:list", "connection-changed", ConnectionGone, "workflows/connections/_act.html")


def theirs(request: HttpRequest, pk: int, permission: str) -> Connection:
    """The connection if the person sees it (else 404) and may do this (else 403)."""
    connection = access.visible_or_404(request.user, visible(request), pk=pk)
    if not access.may(request.user, permission, connection):
        role = access.PERMISSIONS[permission].label
        raise PermissionDenied(_("This needs the role %(role)s in the connection's scope.") % {"role": role})
    return connection


def dialog_about(connection: Connection, title: str, confirm: str, **more: Any) -> Dialog:
    """A dialog that names the connection and leads back to its page."""
    back = reverse("connections:detail", args=[connection.pk])
    return Dialog(
        title, subject=connection.name, confirm=confirm, back=back, revision=connection.revision, **more
    )


def told(text: str, marked: outages.Marked) -> str:
    """The notice, with what was left as it is and why."""
    left = [
        _("Left as it is: %(name)s. %(why)s") % {"name": one.workflow.name, "why": one.why}
        for one in marked.left
    ]
    return " ".join([text, *left])
