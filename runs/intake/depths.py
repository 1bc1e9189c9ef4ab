"""How deep workflows start one another, also where one does so by HTTP: by asking another's webhook, or sending an event.

Every request of a run says how deep the run lies. Whoever takes it counts from there, so a loop ends wherever it goes
round by itself. The word is not signed: a sender who makes one up refuses only itself.
"""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from runs.intake.problems import Problem

HEADER = "Signalbox-Depth"
DEPTH_LIMIT = 8
"""Of a run; one that nobody's run started lies at 0."""


def too_deep() -> str:
    """The sentence that refuses to start another."""
    return _("Workflows may start one another %(limit)d deep; this run is the last.") % {"limit": DEPTH_LIMIT}


def depth_of(request: HttpRequest) -> int:
    """How deep a run that this request starts will lie: one below the run that sent it, or 0. Raises Problem 422."""
    told = request.headers.get(HEADER, "")
    if not told.isascii() or not told.isdigit():
        return 0
    # A longer number is deep enough, and int() refuses those of thousands of digits.
    depth = int(told[:3]) + 1
    if depth > DEPTH_LIMIT:
        raise Problem(422, "too_deep", too_deep())
    return depth
