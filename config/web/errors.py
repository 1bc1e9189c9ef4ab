"""Error pages, and what fragments get instead of them (screens.md, "Errors")."""

from math import ceil
from typing import Any

from axes.helpers import get_cool_off
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.web import htmx
from config.web.preferences import read


def page(request: HttpRequest, *, status: int, title: str, text: str, advice: str = "") -> HttpResponse:
    """A whole page for a refusal: what happened, and what to do about it."""
    context = {"status": status, "title": title, "text": text, "advice": advice}
    return render(request, "errors/refused.html", context, status=status)


def refuse(request: HttpRequest, *, status: int, title: str, text: str, advice: str = "") -> HttpResponse:
    """The refusal as a page or, to a fragment, as a `problem` event that leaves the page as it is."""
    if htmx.wants_partial(request):
        return htmx.problem(
            f"{text} {advice}".strip(), status=status, request=getattr(request, "request_id", "")
        )
    return page(request, status=status, title=title, text=text, advice=advice)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: something in the address or the form cannot be read."""
    return refuse(
        request,
        status=400,
        title=_("This request cannot be read"),
        text=_("Something in the address or in the form is not what this page expects."),
        advice=_("Go back and try again from the page before."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: what is missing and who can grant it. The exception's own sentence is used where it has one."""
    said = str(exception) if exception and str(exception) else _("Your role does not allow this here.")
    return refuse(
        request,
        status=403,
        title=_("Not allowed"),
        text=said,
        advice=_("A manager of this scope can give you a role that allows it."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, the same for what is missing and what lies outside the person's scopes. To a fragment: the row goes."""
    text = _("It was deleted, or it lies outside the scopes you can see.")
    if htmx.wants_partial(request):
        return htmx.gone(
            _("This is not here any more. %(why)s") % {"why": text}, element=_asking_element(request)
        )
    return page(
        request,
        status=404,
        title=_("Nothing is here"),
        text=text,
        advice=_("Check the address, or look for it in the list."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a static page without a query, with the request id to name when asking for help."""
    request_id = getattr(request, "request_id", "")
    if htmx.is_htmx(request):
        return HttpResponse(_("Something went wrong on the server."), status=500, content_type="text/plain")
    context = {"request_id": request_id, "theme": read(request).theme, "retry": request.get_full_path()}
    return HttpResponse(render_to_string("errors/500.html", context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that belongs to another session; nothing was changed and the input stays where it is."""
    return refuse(
        request,
        status=403,
        title=_("Your session changed"),
        text=_("Your session changed since this page was opened, so nothing was done."),
        advice=_("Reload the page and send it again."),
    )


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """429 after too many failed sign-ins. Names the wait, and says nothing about the account."""
    wait = get_cool_off(request)
    seconds = ceil(wait.total_seconds()) if wait else 0
    minutes = ceil(seconds / 60)
    text = _("There were too many attempts to sign in, so signing in is paused for a while.")
    advice = ngettext("Try again in %(n)d minute.", "Try again in %(n)d minutes.", minutes) % {"n": minutes}
    answer = refuse(request, status=429, title=_("Too many attempts"), text=text, advice=advice)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _asking_element(request: HttpRequest) -> str:
    return request.headers.get("HX-Trigger", "")
