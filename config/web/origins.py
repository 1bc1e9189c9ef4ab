"""Where a request came from, as an address of this host."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def current_page(request: HttpRequest) -> str:
    """The page that an htmx request belongs to, as path and query; `/` if it is another host's."""
    return _own_path(request, request.headers.get("HX-Current-URL", ""))


def previous_page(request: HttpRequest) -> str:
    """The page whose form was sent, for the redirect back; `/` if it is another host's."""
    return _own_path(request, request.headers.get("Referer", ""))


def _own_path(request: HttpRequest, url: str) -> str:
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(url)
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path
