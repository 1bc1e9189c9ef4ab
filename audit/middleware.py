"""Tells the audit context who makes a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit.context import NOT_SIGNED_IN, Actor, acting


class ActorMiddleware:
    """Everything a view records is by the signed-in person, from the page or the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = "admin" if request.path.startswith("/admin/") else "page"
        user = request.user
        actor = Actor("person", str(user.pk), user.get_username()) if user.is_authenticated else NOT_SIGNED_IN
        with acting(actor, origin=origin, correlation=getattr(request, "request_id", "")):
            return self.get_response(request)
