"""A shorter way through Django for what other systems send: no session, no person, no forms."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, get_script_name
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import set_script_prefix
from django.utils.module_loading import import_string

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class IntakeHandler(WSGIHandler):
    """Django's handler with `settings.INTAKE_MIDDLEWARE` in place of MIDDLEWARE; none of it may hook into views."""

    _get_response: Callable[[HttpRequest], HttpResponseBase]

    def answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer. Django's signals around a request are not sent: views mend their own broken connections."""
        set_script_prefix(get_script_name(environ))
        response = self.get_response(self.request_class(environ))
        assert isinstance(response, HttpResponse), "nothing here is streamed"
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    def resolve_request(self, request: HttpRequest) -> Any:
        """Look among `settings.INTAKE_URLCONF` alone."""
        request.urlconf = settings.INTAKE_URLCONF
        return super().resolve_request(request)

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain: as BaseHandler.load_middleware does, without what this path has no use for."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler = convert_exception_to_response(self._get_response)
        for path in reversed(settings.INTAKE_MIDDLEWARE):
            handler = convert_exception_to_response(import_string(path)(handler))
        self._middleware_chain = handler


def beside(pages: Application) -> Application:
    """The application that sends what lies below `settings.INTAKE_PATHS` the short way and the rest to `pages`."""
    intake, paths = IntakeHandler(), tuple(settings.INTAKE_PATHS)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        handler = intake.answer if environ.get("PATH_INFO", "").startswith(paths) else pages
        return handler(environ, start_response)

    return application
