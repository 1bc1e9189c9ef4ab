"""Request id, the person's view of time and theme, and the gate that closes every page to strangers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone

from config import logs
from config.ids import new_id
from config.web import preferences
from config.web.htmx import go_to, is_htmx
from config.web.origins import current_page
from config.web.requests import PageRequest

GetResponse = Callable[[HttpRequest], HttpResponseBase]
REQUEST_ID_HEADER = "Signalbox-Request"
CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class RequestIdMiddleware:
    """Gives every request an id: `request.request_id`, and the header `Signalbox-Request` of its answer.

    It is also the correlation id of what the request does. An id sent by the client is not taken over.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PageRequest) -> HttpResponseBase:
        request.request_id = str(new_id())
        with logs.about(request=request.request_id, correlation=request.request_id):
            response = self.get_response(request)
        response.headers[REQUEST_ID_HEADER] = request.request_id
        return response


class ClosedPolicyMiddleware:
    """For answers that no browser shows as a page: nothing in them may load or be framed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = CLOSED_POLICY
        response.headers["X-Frame-Options"] = "DENY"
        return response


class PersonMiddleware:
    """Sets `request.preferences`, the zone in which times are shown, and `no-store` on signed-in pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PageRequest) -> HttpResponseBase:
        request.preferences = preferences.read(request)
        with timezone.override(preferences.zone_of(request.preferences)):
            response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response


class LoginGate(LoginRequiredMiddleware):
    """Every page is closed unless its view says otherwise (`login_not_required`).

    A page redirects to `/login/?next=`; a fragment answers 401 with `HX-Redirect`, and `next` is then the page
    that the fragment belongs to, so that no sign-in form ends up in a table.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        if not is_htmx(request):
            return super().handle_no_permission(request, view_func)
        login = resolve_url(self.get_login_url(view_func))
        field = self.get_redirect_field_name(view_func)
        return go_to(f"{login}?{urlencode({field: current_page(request)})}", status=401)
