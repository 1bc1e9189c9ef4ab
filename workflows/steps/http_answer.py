"""Reading the answer to an `http_request` step."""

import base64
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django.conf import settings
from django.utils.translation import gettext as _

from workflows.definition.json_values import Json, depth
from workflows.outgoing import OutgoingResponse
from workflows.steps.base import StepError

TRY_AGAIN = frozenset({408, 425, 429})
SAYS_WHEN = frozenset({429, 503})
MOST_HEADERS = 100
LONGEST_HEADER = 1_000
LONGEST_WAIT = 24 * 60 * 60
"""Seconds; a longer Retry-After counts as this."""


class Expected:
    """Statuses that count as success: numbers, and texts such as `200-299`."""

    def __init__(self, statuses: Sequence[int | str]) -> None:
        self._ranges = [_range(status) for status in statuses]

    def __contains__(self, status: int) -> bool:
        return any(first <= status <= last for first, last in self._ranges)


def _range(status: int | str) -> tuple[int, int]:
    first, _dash, last = str(status).partition("-")
    return int(first), int(last or first)


def read_answer(answer: OutgoingResponse, expected: Expected) -> dict[str, Json]:
    """The step's output: status, headers, body, and `cut` where the body was longer than is read.

    Raises StepError for a status that is not expected: not permanent for 408, 425, 429 and all from 500, with the
    wait that 429 and 503 ask for.
    """
    if answer.status not in expected:
        permanent = answer.status < 500 and answer.status not in TRY_AGAIN
        raise StepError(
            _("The address answered with status %(status)d.") % {"status": answer.status},
            permanent=permanent,
            code="unexpected_status",
            retry_after=_retry_after(answer) if answer.status in SAYS_WHEN else None,
        )
    body, cut = read_body(answer)
    output: dict[str, Json] = {"status": answer.status, "headers": _headers(answer.headers), "body": body}
    return {**output, "cut": True} if cut else output


def read_body(answer: OutgoingResponse) -> tuple[Json, bool]:
    """The body and whether it was cut: JSON where the answer says so and it is, else text, else `{"base64": …}`."""
    limit = settings.STEP_OUTPUT_LIMIT
    content_type = answer.headers.get("content-type", "")
    if not answer.cut and re.match(r"\s*[\w.+-]+/([\w.+-]+\+)?json\b", content_type, re.IGNORECASE):
        parsed, is_json = _json(answer.content)
        if is_json:
            return parsed, False
    try:
        text = answer.content.decode(_charset(content_type))
    except (UnicodeDecodeError, LookupError):
        return _binary(answer, limit)
    return text[:limit], answer.cut or len(text) > limit


def _binary(answer: OutgoingResponse, limit: int) -> tuple[Json, bool]:
    kept = answer.content[: limit * 3 // 4]
    return {"base64": base64.b64encode(kept).decode("ascii")}, answer.cut or len(kept) < len(answer.content)


def _json(content: bytes) -> tuple[Json, bool]:
    try:
        value = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None, False
    return (value, True) if depth(value) <= settings.JSON_DEPTH else (None, False)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _charset(content_type: str) -> str:
    match = re.search(r"charset=\"?([\w.-]{1,40})", content_type, re.IGNORECASE | re.ASCII)
    name = match[1].lower() if match else "utf-8"
    return (
        name
        if name in {"utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16"}
        else "utf-8"
    )


def _headers(headers: dict[str, str]) -> dict[str, Json]:
    return {name: value[:LONGEST_HEADER] for name, value in list(headers.items())[:MOST_HEADERS]}


def _retry_after(answer: OutgoingResponse) -> float | None:
    text = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        return float(min(int(text), LONGEST_WAIT))
    try:
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), LONGEST_WAIT)
