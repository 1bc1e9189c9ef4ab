"""A shorter way through Django for what other systems send: no session, no person, no forms."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest, get_script_name
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import HttpHeaders
from django.urls import ResolverMatch, get_resolver, set_script_prefix, set_urlconf
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

LONGEST_KNOWN = 200
"""Characters of an address that is remembered: strangers may send any."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Headers(dict[str, str]):
    """A request's headers by their names in lower case, which may be asked for in any.

    In place of Django's mapping, whose making and reading cost a tenth of a delivery's time in Python.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        named = ((_header_name(key), value) for key, value in environ.items())
        super().__init__((name, value) for name, value in named if name is not None)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name.lower() if isinstance(name, str) else name)

    def get(self, name: str, default: Any = None) -> Any:
        """As of any mapping."""
        return super().get(name.lower(), default)


@lru_cache(maxsize=256)
def _header_name(key: str) -> str | None:
    name = HttpHeaders.parse_header_name(key)
    return None if name is None else name.lower()


class IntakeRequest(WSGIRequest):
    """A request with such headers."""

    @cached_property
    def headers(self) -> Headers:  # type: ignore[override]  # a mapping of names in any case, as Django's is
        """By their names in any case."""
        return Headers(self.META)


class IntakeHandler(WSGIHandler):
    """Django's handler with `settings.INTAKE_MIDDLEWARE` in place of MIDDLEWARE; none of it may hook into views."""

    request_class = IntakeRequest
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
        set_urlconf(request.urlconf)
        path = request.path_info
        resolve = _resolved if len(path) <= LONGEST_KNOWN else _resolved.__wrapped__
        request.resolver_match = resolve(request.urlconf, path)
        return request.resolver_match

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain: as BaseHandler.load_middleware does, without what this path has no use for."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler = convert_exception_to_response(self._get_response)
        for path in reversed(settings.INTAKE_MIDDLEWARE):
            handler = convert_exception_to_response(import_string(path)(handler))
        self._middleware_chain = handler


@lru_cache(maxsize=4096)
def _resolved(urlconf: str, path: str) -> ResolverMatch:
    """Remembered, since senders ask the same few addresses; one that is unknown raises and is not."""
    return get_resolver(urlconf).resolve(path)


def beside(pages: Application) -> Application:
    """The application that sends what lies below `settings.INTAKE_PATHS` the short way and the rest to `pages`."""
    intake, paths = IntakeHandler(), tuple(settings.INTAKE_PATHS)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        handler = intake.answer if environ.get("PATH_INFO", "").startswith(paths) else pages
        return handler(environ, start_response)

    return application
