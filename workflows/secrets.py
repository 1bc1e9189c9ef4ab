"""Secrets of connections and triggers: encrypted at rest, generated, and kept out of whatever is shown or stored."""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

Json = None | bool | int | float | str | list[Any] | dict[str, Any]

REDACTED = "[redacted]"
SHORTEST_REDACTED = 4
SHORTEST_SECRET = 8
LONGEST_SECRET = 4000
STANDARD_PREFIX = "whsec_"


class SecretUnreadable(Exception):
    """The stored secret fits none of settings.SECRET_KEYS: the keys changed without the old one being kept."""


class SecretRefused(ValueError):
    """A secret text that somebody gave cannot be used; the text is a plain sentence."""


def encrypt(text: str) -> str:
    """A token that `decrypt` reads back, under the newest of settings.SECRET_KEYS; differs at each call."""
    return _cipher().encrypt(text.encode("utf-8", "surrogatepass")).decode("ascii")


def decrypt(token: str) -> str:
    """The text; raises SecretUnreadable when no key fits or the token was altered."""
    try:
        return _cipher().decrypt(token.encode()).decode("utf-8", "surrogatepass")
    except (InvalidToken, UnicodeError):
        raise SecretUnreadable(_("A stored secret cannot be read with the present keys.")) from None


def renewed(token: str) -> str:
    """The same secret under the newest key; raises SecretUnreadable as `decrypt` does."""
    try:
        return _cipher().rotate(token.encode()).decode("ascii")
    except (InvalidToken, UnicodeError):
        raise SecretUnreadable(_("A stored secret cannot be read with the present keys.")) from None


def generate(preset: str) -> str:
    """A new random secret text (256 bits) in the form that senders of this signature preset expect."""
    if preset == "standard-webhooks":
        return STANDARD_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")
    return secrets.token_urlsafe(32)


def check_secret(preset: str, text: str) -> None:
    """Raises SecretRefused unless the text can serve as a trigger's secret."""
    if not SHORTEST_SECRET <= len(text) <= LONGEST_SECRET:
        raise SecretRefused(_("A secret has 8 to 4,000 characters."))
    if text != text.strip() or not text.isprintable():
        raise SecretRefused(
            _("The secret begins or ends with a blank or holds a control character. Remove it.")
        )
    if preset == "standard-webhooks" and not _is_standard(text):
        raise SecretRefused(_("A Standard Webhooks secret is whsec_ and base64 of 24 to 64 bytes."))


def _is_standard(text: str) -> bool:
    try:
        key = base64.b64decode(text.removeprefix(STANDARD_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith(STANDARD_PREFIX) and 24 <= len(key) <= 64


class Redactor:
    """Knows secret values and replaces them wherever they occur.

    Each value is also known in the forms in which requests carry it: percent-encoded, base64, inside JSON text.
    Values shorter than 4 characters are not taken: they would black out unrelated text.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.add(*values)

    def add(self, *values: str) -> None:
        """Registers secret values; known ones again change nothing."""
        for value in values:
            self._forms.update(form for form in _forms(value) if len(form) >= SHORTEST_REDACTED)
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def add_paths(self, value: Json, paths: Iterable[str]) -> None:
        """Registers the texts and numbers that stand at these paths, so that copies of them are redacted too."""
        for path in paths:
            found = _at(value, path.split("."))
            self.add(
                *(str(item) for item in found if isinstance(item, str | int) and not isinstance(item, bool))
            )

    def redact_text(self, text: str) -> str:
        """The text with every known value replaced by "[redacted]"."""
        return self._pattern.sub(REDACTED, text) if self._pattern else text

    def redact(self, value: Json) -> Json:
        """A copy with every known value replaced, in texts, in keys, and in numbers that equal one."""
        if not self._pattern:
            return value
        if isinstance(value, str):
            return self.redact_text(value)
        if isinstance(value, list):
            return [self.redact(item) for item in value]
        if isinstance(value, dict):
            return {self.redact_text(key): self.redact(item) for key, item in value.items()}
        if isinstance(value, int | float) and _is_short(value) and str(value) in self._forms:
            return REDACTED
        return value


def redact_paths(value: Json, paths: Iterable[str], *, within: str = "") -> Json:
    """A copy in which whatever stands at one of the paths is "[redacted]"; absent paths change nothing.

    Paths are names joined by dots (`trigger.body.card_number`); a number picks a list's item, and a name meeting
    a list is looked for in each of its items. `within` says where `value` stands, so that a run's input is
    redacted with `within="trigger"`; paths that lead elsewhere are left aside.
    """
    prefix = within.split(".") if within else []
    for path in paths:
        parts = path.split(".")
        if parts[: len(prefix)] == prefix:
            value = _without(value, parts[len(prefix) :])
    return value


def _without(value: Json, parts: Sequence[str]) -> Json:
    if not parts:
        return REDACTED
    name, rest = parts[0], parts[1:]
    if isinstance(value, dict) and name in value:
        return {**value, name: _without(value[name], rest)}
    if isinstance(value, list):
        if name.isdecimal():
            return [_without(item, rest) if str(index) == name else item for index, item in enumerate(value)]
        return [_without(item, parts) for item in value]
    return value


def _at(value: Json, parts: Sequence[str]) -> list[Json]:
    if not parts:
        return [value]
    if isinstance(value, dict):
        return _at(value[parts[0]], parts[1:]) if parts[0] in value else []
    if not isinstance(value, list):
        return []
    if parts[0].isdecimal():
        return [
            found
            for index, item in enumerate(value)
            if str(index) == parts[0]
            for found in _at(item, parts[1:])
        ]
    return [found for item in value for found in _at(item, parts)]


def _forms(value: str) -> set[str]:
    raw = value.encode("utf-8", "surrogatepass")
    encoded = {base64.b64encode(raw).decode("ascii"), base64.urlsafe_b64encode(raw).decode("ascii")}
    quoted = {quote(raw, safe=""), quote_plus(raw), quote(raw)}
    in_json = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    return (
        {value} | {text.rstrip("=") for text in encoded} | quoted | in_json
        if len(value) >= SHORTEST_REDACTED
        else set()
    )


def _is_short(number: int | float) -> bool:
    # Python refuses to write whole numbers of more than 4,300 digits.
    return not isinstance(number, int) or number.bit_length() <= 512


def _cipher() -> MultiFernet:
    return _cipher_for(tuple(settings.SECRET_KEYS))


@lru_cache(maxsize=4)
def _cipher_for(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as wrong:
        raise ImproperlyConfigured(
            "SIGNALBOX_SECRET_KEYS must hold Fernet keys (32 bytes, URL-safe base64), newest first."
        ) from wrong
