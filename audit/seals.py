"""Signatures that nobody can make who holds the database alone: keyed with SECRET_KEY."""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings
from django.utils.encoding import force_str

ERASED_LABEL = "erased person"
_MARK = "e:"
_LENGTH = 30


def sign(purpose: str, text: str) -> str:
    """HMAC-SHA-256 (hex) of the text under the present SECRET_KEY."""
    return _signature(purpose, text, settings.SECRET_KEY)


def is_signed(purpose: str, text: str, signature: str) -> bool:
    """Whether the present SECRET_KEY, or one of SECRET_KEY_FALLBACKS, made the signature."""
    return any(_is_equal(_signature(purpose, text, key), signature) for key in _secrets())


def erasure(event_id: int, field: str, digest: str) -> str:
    """What stands in place of a salt after the label was erased: proof that the erasure was ours."""
    return _MARK + sign("erasure", f"{event_id}:{field}:{digest}")[:_LENGTH]


def is_erasure(event_id: int, field: str, digest: str, salt: str) -> bool:
    """Whether the salt is the seal of an erasure of this very label."""
    text = f"{event_id}:{field}:{digest}"
    return any(_is_equal(_MARK + _signature("erasure", text, key)[:_LENGTH], salt) for key in _secrets())


def _secrets() -> list[str]:
    return [settings.SECRET_KEY, *map(force_str, settings.SECRET_KEY_FALLBACKS)]


def _signature(purpose: str, text: str, secret: str) -> str:
    return hmac.digest(_key(purpose, secret), text.encode(), "sha256").hex()


def _is_equal(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


@lru_cache(maxsize=32)
def _key(purpose: str, secret: str) -> bytes:
    return hashlib.sha256(f"signalbox audit {purpose}\n{secret}".encode()).digest()
