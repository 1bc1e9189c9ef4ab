"""A panel: one question about a window, answered by itself, failing by itself."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from config.web import pages
from runs.views.monitoring import links
from runs.views.monitoring.asked import Asked

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 15

Row = Sequence[object]


@dataclass(frozen=True)
class Panel:
    """`build` gives the context of `template` for one part of what is asked; `rows` the lines of its CSV, heads first.

    `is_split`: workflows side by side get a part each; else they are summed. `is_wide`: takes the whole width.
    `is_live`: shows more than closed runs, so that a poll compares what it shows. `needs_one`: is about one workflow.
    """

    key: str
    title: str | Promise
    template: str
    build: Callable[[Asked], dict[str, Any]]
    rows: Callable[[Asked], Iterable[Row]]
    is_split: bool = False
    is_wide: bool = False
    is_live: bool = False
    needs_one: bool = False


@dataclass(frozen=True)
class Part:
    """What is shown of one workflow, or of everything; `title` only where several stand side by side."""

    key: str
    title: str
    content: dict[str, Any]


def render(panel: Panel, asked: Asked, request: HttpRequest, *, mark: str, page: str = "") -> SafeString:
    """The panel's section; if it breaks, a section that says so and offers Retry, while the others go on.

    `page`: the address where Retry leads without script, if it is not that of monitoring.
    """
    frame = {
        "panel": panel,
        "mark": mark,
        "poll_seconds": POLL_SECONDS,
        "here": links.monitoring(asked, panel.key),
        "page": page or links.monitoring(asked),
        "export": links.export(asked, panel.key),
    }
    try:
        with timezone.override(asked.window.zone):
            parts = _parts(panel, asked)
            context = {**frame, "parts": parts, "mark": mark or pages.mark(parts)}
            return render_to_string("runs/monitoring/_panel.html", context, request)
    except Exception:  # whatever broke, the other panels are worth seeing
        logger.exception("The panel %s could not be drawn.", panel.key)
        return render_to_string("runs/monitoring/_panel_failed.html", {**frame, "mark": ""}, request)


def _parts(panel: Panel, asked: Asked) -> list[Part]:
    parts = asked.parts if panel.is_split else [asked]
    return [
        Part(
            f"{panel.key}-{number}",
            part.only.name if part.only is not None and len(parts) > 1 else "",
            panel.build(part),
        )
        for number, part in enumerate(parts)
    ]
