"""Given values made clean, or refused with one finding per field."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from workflows.lifecycle import ValueRefused
from workflows.texts import is_storable

REASON_LEAST, REASON_MOST = 3, 500


def refuse(path: str, code: str, message: str, fix: str = "") -> ValueRefused:
    """A refusal of one field, ready to raise."""
    finding = {"level": "error", "code": code, "path": path, "message": message, "fix": fix}
    return ValueRefused(message, [finding])


def clean_reason(reason: str) -> str:
    """The reason, trimmed; raises ValueRefused outside 3 to 500 characters."""
    text = reason.strip()
    if not REASON_LEAST <= len(text) <= REASON_MOST:
        raise refuse(
            "reason",
            "reason_length",
            _("A reason has %(least)d to %(most)d characters.")
            % {"least": REASON_LEAST, "most": REASON_MOST},
            _("Say in a few words why, for whoever comes next."),
        )
    if not is_storable(text):
        raise refuse(
            "reason",
            "reason_characters",
            _("The reason holds characters that cannot be shown."),
            _("Type it anew."),
        )
    return text


def clean_choice(path: str, value: str, choices: tuple[str, ...]) -> str:
    """The value, if it is one of the choices or empty; else ValueRefused."""
    if value and value not in choices:
        options = ", ".join(choices)
        raise refuse(
            path,
            "unknown_choice",
            _("%(value)s is none of %(options)s.") % {"value": value, "options": options},
        )
    return value


def clean_future(path: str, moment: datetime | None) -> datetime | None:
    """An aware time that lies ahead, or None; else ValueRefused."""
    if moment is not None and moment <= timezone.now():
        raise refuse(
            path, "not_in_future", _("This time has passed already."), _("Give a time that lies ahead.")
        )
    return moment
