"""Making and sending the request of an `http_request` step."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlencode

from django.utils.translation import gettext as _

from workflows.definition.json_values import Json
from workflows.definition.liquid.text import as_text
from workflows.outgoing import OutgoingFailed, OutgoingRequest, OutgoingResponse
from workflows.steps.base import StepContext, StepError

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_OWN_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "idempotency-key", "upgrade", "te"}
)
_CONTENT_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
}
LONGEST_HEADER = 8_000


def build_request(params: dict[str, Any], context: StepContext, *, body: str) -> OutgoingRequest:
    """The request that rendered parameters mean; raises a permanent StepError where they mean none."""
    credentials: dict[str, str] = {}
    url = as_text(params["url"])
    if params["connection"]:
        access = context.connection(as_text(params["connection"]))
        credentials, url = dict(access.headers), join_address(access.base_url, as_text(params["path"]))
    _refuse_controls(url, _("The address"))
    headers = {"User-Agent": "Signalbox"} | ({"Content-Type": _CONTENT_TYPES[body]} if body else {})
    headers = over(headers, _own_headers(params["headers"]))
    headers = over(over(headers, credentials), {"Idempotency-Key": context.idempotency_key})
    return OutgoingRequest(
        method=params["method"],
        url=url,
        headers=headers,
        query=_pairs(params["query"], _("The query")) or None,
        content=_content(body, params[body]) if body else None,
        timeout=context.timeout,
        follow_redirects=params["follow_redirects"],
        credential_headers=frozenset(credentials),
    )


def join_address(base: str, path: str) -> str:
    """A path below a connection's address; raises StepError for one that would lead out of it."""
    steps = re.split(r"[/\\]", unquote(unquote(path.partition("?")[0])))
    if ".." in steps or "\\" in path or "#" in path:
        raise _refused(_("The path leads out of the address of the connection, or holds “\\” or “#”."))
    if not path:
        return base
    return f"{base.rstrip('/')}/{path.lstrip('/')}"


def perform_request(request: OutgoingRequest, context: StepContext) -> OutgoingResponse:
    """The answer; a request that came to nothing is a StepError, permanent where trying again cannot help."""
    try:
        return context.request(request)
    except OutgoingFailed as failed:
        raise StepError(failed.message, permanent=failed.permanent, code=failed.code) from failed


def _own_headers(given: dict[str, Json]) -> dict[str, str]:
    return {name: _header(name, as_text(value)) for name, value in given.items()}


def _header(name: str, value: str) -> str:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
        raise _refused(_("The header “%(name)s” cannot be set by a step.") % {"name": name[:100]})
    _refuse_controls(value, _("The header “%(name)s”") % {"name": name})
    if len(value) > LONGEST_HEADER or not value.isascii():
        raise _refused(_("The header “%(name)s” is too long, or is not plain ASCII.") % {"name": name})
    return value.strip()


def over(headers: Mapping[str, str], more: dict[str, str]) -> dict[str, str]:
    """Later headers replace earlier ones, whatever their case."""
    names = {name.lower() for name in more}
    return {name: value for name, value in headers.items() if name.lower() not in names} | more


def _refuse_controls(text: str, what: str) -> None:
    if _CONTROLS.search(text):
        raise _refused(_("%(what)s holds a line break or another control character.") % {"what": what})


def _pairs(given: dict[str, Json], what: str) -> dict[str, str | list[str]]:
    pairs: dict[str, str | list[str]] = {}
    for name, value in given.items():
        if isinstance(value, dict):
            raise _refused(_("%(what)s has an object under “%(name)s”.") % {"what": what, "name": name[:100]})
        pairs[name] = [as_text(part) for part in value] if isinstance(value, list) else as_text(value)
    return pairs


def _content(body: str, value: Json) -> bytes:
    try:
        if body == "json":
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        if body == "form":
            return urlencode(_pairs(value, _("The form")), doseq=True).encode()  # type: ignore[arg-type]
        return as_text(value).encode()
    except UnicodeEncodeError as broken:
        raise _refused(_("The body holds half of a character and cannot be written as UTF-8.")) from broken


def _refused(sentence: str) -> StepError:
    return StepError(sentence, permanent=True, code="request_refused")
