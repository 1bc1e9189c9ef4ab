"""What intake answers when it does not take something: problem documents (RFC 9457), and 503 without a database."""

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from runs import restored

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5
View = Callable[..., HttpResponse]


class Problem(Exception):
    """A request that is answered with an error. `detail` is a plain sentence, `code` a stable word."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        findings: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers, self.findings = dict(headers or {}), list(findings)


def problem_response(problem: Problem) -> HttpResponse:
    """The problem as a document."""
    titles = {
        400: _("The request cannot be read"),
        401: _("Not authenticated"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Method not allowed"),
        410: _("Gone"),
        411: _("Length required"),
        413: _("Too large"),
        422: _("Not acceptable"),
        429: _("Too many"),
        503: _("Not available now"),
    }
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": titles[problem.status],
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.findings:
        document["findings"] = problem.findings
    response = JsonResponse(
        document, status=problem.status, headers=problem.headers, content_type="application/problem+json"
    )
    # Django would log the path of each, and a webhook's path is what only its sender should know.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def unavailable() -> Problem:
    """Nothing was accepted and nothing is lost: the sender is asked to try again."""
    return Problem(
        503,
        "unavailable",
        _("Signalbox cannot take this now. Send it again later."),
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def mend_connection() -> None:
    """Let go of a connection that broke: on this path nothing else looks after it."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def require_open() -> None:
    """Raises Problem 503 while a restored copy waits for its confirmation."""
    if restored.is_closed():
        raise unavailable()


def answering_problems(view: View) -> View:
    """A view whose problems become documents; when the database cannot take it the answer is 503."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Problem as problem:
            return problem_response(problem)
        except Error as error:
            logger.error("The database could not take what came in: %s", error)
            mend_connection()
            return problem_response(unavailable())

    return answer
