"""Dialogs: one template, shown in the page's `<dialog id="modal">` to htmx and as a page of its own to others."""

from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from config.ids import new_id
from config.web.htmx import vary_on_htmx, wants_partial

Text = str | Promise
BASE_TEMPLATE = "ui/_dialog.html"


@dataclass(frozen=True)
class Dialog:
    """What every dialog shows.

    `title` is its heading and name ("Pause workflow"), `subject` the thing's name in the first line, `sentence`
    the question. `confirm` is the verb on the button; without it there is no form, only Close. `action` is where
    the form posts (default: this address), `back` where a page without script returns to. `revision` is what the
    person saw; it comes back with the form. `blocked` leaves the button away, because something must be mended
    first. `wide` is for diffs and long lists.
    """

    title: Text
    subject: str = ""
    sentence: Text = ""
    confirm: Text = ""
    action: str = ""
    back: str = "/"
    revision: int | str = ""
    danger: bool = False
    blocked: bool = False
    wide: bool = False


def render_dialog(
    request: HttpRequest,
    dialog: Dialog,
    *,
    form: BaseForm | None = None,
    status: int = 200,
    template: str = BASE_TEMPLATE,
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """The dialog as a fragment or as a page. `template` extends `ui/_dialog.html` and fills its `body` block.

    Answer a bad form with status 422 and a refusal with 409 (`context={"refusal": "…"}`): both are swapped in
    place and the summary of errors gets the focus. A form with errors and status 200 becomes 422 by itself.
    """
    if status == 200 and form is not None and form.errors:
        status = 422
    values = {
        "dialog": dialog,
        "dialog_template": template,
        "form": form,
        "idempotency_key": idempotency_key(request, status=status),
        "standalone": not wants_partial(request),
        **(context or {}),
    }
    page = template if wants_partial(request) else "ui/dialog_page.html"
    return vary_on_htmx(render(request, page, values, status=status))


def idempotency_key(request: HttpRequest, *, status: int = 200) -> str:
    """The key for the form that is being shown: the sent one again after bad input (422), else a new one."""
    sent = request.POST.get("idempotency_key", "")
    return sent if status == 422 and 0 < len(sent) <= 64 else str(new_id())
