"""Lists in pages by a cursor: where the page before ended, as text that callers do not look into."""

import base64
import binascii
import json
from typing import Any

from django.utils.translation import gettext as _

from workflows.lifecycle import ValueRefused


class CursorRefused(ValueRefused):
    """The cursor is none that this list gave."""

    code = "invalid_cursor"

    def __init__(self) -> None:
        super().__init__(_("This cursor is none that a list gave. Begin without one."))


def pack(*values: Any) -> str:
    """The cursor that stands for these plain values."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def unpack(cursor: str, *kinds: type) -> list[Any]:
    """The values that a cursor stands for; raises CursorRefused unless they are of these kinds."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise CursorRefused from None
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
        raise CursorRefused
    return values
