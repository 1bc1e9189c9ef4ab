"""Reading what a request carries, whole or not at all."""

import uuid

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from runs.intake.bodies import BodyTooLarge, Readable, read_body
from runs.intake.problems import Problem


def body_of(request: HttpRequest) -> bytes:
    """The raw body; raises Problem when it is larger than settings.WEBHOOK_BODY_LIMIT or ends early."""
    declared = request.META.get("CONTENT_LENGTH") or ""
    try:
        content = read_body(_stream(request), declared=declared)
    except BodyTooLarge as large:
        raise Problem(413, "too_large", str(large)) from None
    except OSError as broken:
        raise _cut_off() from broken
    if declared.isdecimal() and len(content) < int(declared):
        raise _cut_off()
    return content


def _stream(request: HttpRequest) -> Readable:
    """Django takes a chunked body, which has no length, for an empty one: read it from the server itself."""
    if "chunked" not in request.headers.get("Transfer-Encoding", "").lower():
        return request
    if not request.META.get("wsgi.input_terminated"):
        raise Problem(411, "length_required", _("Send the body with a Content-Length."))
    return request.META["wsgi.input"]


def _cut_off() -> Problem:
    return Problem(400, "cut_off", _("The body ended early. Send it again."))


def query_of(request: HttpRequest) -> dict[str, str | list[str]]:
    """The query's parameters; one given several times is a list."""
    if not request.META.get("QUERY_STRING"):
        return {}
    return {name: values[0] if len(values) == 1 else values for name, values in request.GET.lists()}


def pages_of(request: HttpRequest) -> str:
    """Where the pages stand that belong to this request; raises DisallowedHost, so ask before anything is entered."""
    host = request.get_host()
    return settings.BASE_URL or f"{request.scheme}://{host}"


def run_address(pages: str, run_id: uuid.UUID) -> str:
    """The absolute address of a run's page."""
    return f"{pages}/automations/runs/{run_id}/"
