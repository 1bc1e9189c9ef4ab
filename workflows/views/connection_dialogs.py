"""The frame of the dialogs about connections: who may, what is asked, and how an act or a refusal is answered."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from config.web import htmx
from config.web.dialogs import BASE_TEMPLATE, Dialog, render_dialog
from config.web.origins import current_page
from workflows import access
from workflows.connections.health import ConnectionGone
from workflows.lifecycle import Refusal, Stale, ValueRefused
from workflows.models import Connection
from workflows.services import outages
from workflows.views.connection_forms import put_findings
from workflows.views.connections import visible


def ask_or_do(
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
            template="workflows/connections/_act.html" if context else BASE_TEMPLATE,
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


def revision_of(request: HttpRequest) -> int:
    """The revision that the person saw. A form without a readable one counts as stale."""
    sent = request.POST.get("revision", "")
    if not sent.isascii() or not sent.isdigit() or len(sent) > 9:
        raise Stale(_("The form does not say what you saw. Open it again."))
    return int(sent)


def told(text: str, marked: outages.Marked) -> str:
    """The notice, with what was left as it is and why."""
    left = [
        _("Left as it is: %(name)s. %(why)s") % {"name": one.workflow.name, "why": one.why}
        for one in marked.left
    ]
    return " ".join([text, *left])
