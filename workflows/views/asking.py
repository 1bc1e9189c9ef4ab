"""The frame of dialogs about things that are no workflow: what is asked, how an act or a refusal is answered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from config.web import htmx
from config.web.dialogs import BASE_TEMPLATE, Dialog, render_dialog
from config.web.origins import current_page
from workflows.lifecycle import Refusal, Stale, ValueRefused
from workflows.views.connection_forms import put_findings


@dataclass(frozen=True)
class Family:
    """One kind of thing: the address name of its list, the event after an act, what is raised when it is gone."""

    listed: str
    event: str
    gone: type[Exception]
    template: str


def ask_or_do(
    request: HttpRequest,
    family: Family,
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
            template=family.template if context else BASE_TEMPLATE,
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
    except family.gone as gone:
        raise Http404 from gone
    return _answer(request, family, said, leaves)


def _answer(request: HttpRequest, family: Family, said: str, leaves: str) -> HttpResponse:
    listed = reverse(family.listed)
    if leaves and htmx.is_htmx(request) and current_page(request).startswith(leaves):
        htmx.tell(request, said)
        return htmx.go_to(listed)
    return htmx.finish(request, family.event, to=listed, notice=said)


def revision_of(request: HttpRequest) -> int:
    """The revision that the person saw. A form without a readable one counts as stale."""
    sent = request.POST.get("revision", "")
    if not sent.isascii() or not sent.isdigit() or len(sent) > 9:
        raise Stale(_("The form does not say what you saw. Open it again."))
    return int(sent)
