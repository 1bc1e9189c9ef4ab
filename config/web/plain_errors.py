"""Errors told to other systems: one sentence of plain text."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a host that is not ours, or a request that cannot be read."""
    return _told(_("This request cannot be read."), 400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing answers at this address."""
    return _told(_("Nothing answers at this address."), 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: logged; nothing is said about why."""
    return _told(_("Signalbox could not answer. Try again later."), 500)


def _told(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
