"""Before and after as people read them: field by field, and in one phrase for a row."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.web.badges import badge

_PHRASE_LENGTH = 60


@dataclass(frozen=True)
class FieldChange:
    """One value of an event. `before` is "" where there was none."""

    name: str
    before: str
    after: str


def field_changes(before: dict[str, Any], after: dict[str, Any]) -> list[FieldChange]:
    """Every value that an event names, in the order of their names."""
    names = sorted({*before, *after})
    return [FieldChange(_spaced(name), _text(before.get(name)), _text(after.get(name))) for name in names]


def phrase(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What a row says: "Active → Paused", else the one changed value, else how many values there are."""
    if after.get("status") and before.get("status") != after["status"]:
        return _arrow(_status(before.get("status")), _status(after["status"]))
    changes = field_changes(before, after)
    if not changes:
        return ""
    if len(changes) == 1:
        name, text = changes[0].name, _arrow(changes[0].before, changes[0].after)
        return f"{name}: {_cut(text)}"
    return ngettext("%(n)d value", "%(n)d values", len(changes)) % {"n": len(changes)}


def _status(word: Any) -> str:
    return str(badge(str(word)).label) if word else ""


def _arrow(before: str, after: str) -> str:
    return _("%(before)s → %(after)s") % {"before": before, "after": after} if before else after


def _cut(text: str) -> str:
    return text if len(text) <= _PHRASE_LENGTH else f"{text[: _PHRASE_LENGTH - 1]}…"


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Half a surrogate pair, kept escaped in storage, cannot be sent.
    return text.encode("utf-8", "replace").decode()
