"""What is sent: one notice in full, or several as a list."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.web import time
from workflows.models import NoticeDelivery, NoticeKind

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
SUBJECT_LENGTH: Final = 200
SETTINGS: Final = "/settings/notifications/"


@dataclass(frozen=True)
class Message:
    """A subject of one line and a plain text."""

    subject: str
    text: str


def message_for(deliveries: Sequence[NoticeDelivery]) -> Message:
    """The message of one parcel, oldest notice first; each delivery's notice with its scope is loaded."""
    parts = [_part(delivery) for delivery in deliveries]
    foot = [_("You get this because %(why)s") % {"why": _why(deliveries[0])}, _link(SETTINGS)]
    return Message(_subject(deliveries), "\n\n".join([*parts, "-- \n" + "\n".join(foot)]))


def _subject(deliveries: Sequence[NoticeDelivery]) -> str:
    titles = [delivery.notice.title for delivery in deliveries]
    if len(titles) == 1:
        text = titles[0]
    else:
        line = ngettext("%(n)d notice: %(titles)s", "%(n)d notices: %(titles)s", len(titles))
        text = line % {"n": len(titles), "titles": ", ".join(titles)}
    return " ".join(_CONTROLS.sub(" ", f"[Signalbox] {text}").split())[:SUBJECT_LENGTH]


def _part(delivery: NoticeDelivery) -> str:
    notice = delivery.notice
    lines = [
        notice.title,
        f"{notice.scope.name} · {time.human(notice.raised_at)}",
        "",
        notice.text,
        *([_("What to do next: %(advice)s") % {"advice": notice.advice}] if notice.advice else []),
        _link(notice.path),
    ]
    return "\n".join(lines)


def _link(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def _why(delivery: NoticeDelivery) -> str:
    if delivery.notice.kind == NoticeKind.REPORT:
        return _("%(name)s is subscribed to this report.") % {"name": delivery.named}
    return _("%(name)s is named as a recipient in the workflow's settings or in its scope.") % {
        "name": delivery.named
    }
