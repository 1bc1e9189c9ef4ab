"""Telling fragments from pages, and the answers that only htmx understands."""

import json
from typing import Any, TypedDict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

MODAL_CLOSE = "modal-close"


class Undo(TypedDict):
    """The act that takes the last one back: where to POST, and the button's word."""

    label: str
    url: str


class Notice(TypedDict, total=False):
    """Text for the page's one status region, with an optional Undo."""

    text: str
    undo: Undo


def is_htmx(request: HttpRequest) -> bool:
    """True if htmx sent the request, whatever it wants."""
    return request.headers.get("HX-Request") == "true"


def wants_partial(request: HttpRequest) -> bool:
    """True if a fragment is to be sent: htmx asks, and neither restores history nor follows a boosted link."""
    headers = request.headers
    return is_htmx(request) and "HX-History-Restore-Request" not in headers and "HX-Boosted" not in headers


def vary_on_htmx(response: HttpResponse) -> HttpResponse:
    """Add `HX-Request` to `Vary`; what stands there already stays."""
    patch_vary_headers(response, ["HX-Request"])
    return response


def notice(text: str, *, undo_url: str = "", undo_label: str = "") -> Notice:
    """The detail of a `notice` event. With `undo_url` an Undo button stays beside the text until the next act."""
    if not undo_url:
        return {"text": str(text)}
    return {"text": str(text), "undo": {"label": str(undo_label or _("Undo")), "url": undo_url}}


def with_events(response: HttpResponse, events: dict[str, Any]) -> HttpResponse:
    """Add events to `HX-Trigger`, in order; they fire on the element that asked and bubble to the body.

    Non-ASCII text is escaped, so that it survives as a header.
    """
    told = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps({**told, **events})
    return response


def done(*events: str, notice: Notice | str | None = None) -> HttpResponse:
    """204 for an act that htmx sent: closes the dialog, fires the events, and shows the notice.

    `done("workflow-changed", notice=_("Paused at 09:14:03."))` is what most verbs answer.
    """
    details: dict[str, Any] = {MODAL_CLOSE: {}, **{event: {} for event in events}}
    if notice:
        details["notice"] = {"text": str(notice)} if not isinstance(notice, dict) else notice
    return with_events(HttpResponse(status=204), details)


def finish(request: HttpRequest, *events: str, to: str, notice: Notice | str | None = None) -> HttpResponse:
    """The answer to a finished act, for both callers: `done()` for htmx, else a message and a redirect to `to`."""
    if is_htmx(request):
        return vary_on_htmx(done(*events, notice=notice))
    if notice:
        tell(request, notice)
    return HttpResponseRedirect(to)


def tell(request: HttpRequest, notice: Notice | str) -> None:
    """Show the notice in the status region of the next whole page. An undo address travels in the message's tags."""
    if not isinstance(notice, dict):
        messages.success(request, str(notice))
        return
    messages.success(request, notice.get("text", ""), extra_tags=notice.get("undo", {}).get("url", ""))


def problem(text: str, *, status: int, **detail: str) -> HttpResponse:
    """A refusal to a fragment: nothing is swapped, the text goes to the page's alert region."""
    response = HttpResponse(str(text), status=status, content_type="text/plain; charset=utf-8")
    return vary_on_htmx(with_events(response, {"problem": {"text": str(text), **detail}}))


def gone(text: str, *, element: str = "") -> HttpResponse:
    """404 to a fragment: the row that asked disappears, and the text says why. `element` is the id that asked."""
    response = HttpResponse(str(text), status=404, content_type="text/plain; charset=utf-8")
    return vary_on_htmx(with_events(response, {"gone": {"text": str(text), "id": element}}))


def go_to(url: str, *, status: int = 200) -> HttpResponse:
    """Make htmx load a whole page: status 200, or 401 with the sign-in page."""
    return vary_on_htmx(HttpResponse(status=status, headers={"HX-Redirect": url}))
