"""Checking that a webhook delivery was signed by somebody who knows the trigger's secret.

Sources: the Standard Webhooks specification, and the signing rules that GitHub, Stripe and Slack publish.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.utils.translation import gettext as _

TOLERANCE_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class SignatureRefused(Exception):
    """The delivery is not signed as its trigger asks. `reason` is missing, stale, mismatch or no_secret."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class SignatureRule:
    """How a trigger's deliveries are signed; header, encoding and prefix belong to `hmac-sha256` alone."""

    preset: str
    header: str | None = None
    encoding: str = "hex"
    prefix: str = ""


@dataclass(frozen=True)
class _Signed:
    """What a delivery claims: the bytes that were signed, and its signatures as they were written."""

    content: bytes
    signatures: list[str]
    encoding: str = "hex"


def verify(
    rule: SignatureRule, *, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime
) -> None:
    """Returns when any signature of the delivery fits any of the secrets, and its time stamp, where the preset has
    one, lies within 5 minutes of `now` (aware) either way. Else raises SignatureRefused.

    `body` is the raw bytes as received. Header names may be in any case. Raises ValueError for an unknown preset.
    """
    if rule.preset not in _READERS:
        raise ValueError(f"No signature preset is named {rule.preset!r}.")
    keys = [key for key in (_key(rule.preset, secret) for secret in secrets) if key]
    if not keys:
        raise SignatureRefused(
            "no_secret", _("This trigger has no usable secret. Set one on its workflow's settings.")
        )
    claim = _READERS[rule.preset](rule, _lower(headers), body, now)
    digests = [hmac.new(key, claim.content, hashlib.sha256).digest() for key in keys]
    given = [found for found in (_decoded(text, claim.encoding) for text in claim.signatures) if found]
    if not any(hmac.compare_digest(digest, signature) for digest in digests for signature in given):
        raise SignatureRefused("mismatch", _("The signature does not fit the body and the secret."))


def preset_delivery_id(preset: str | None, headers: Mapping[str, str], body: object) -> str | None:
    """The id by which the sender marks repeats of one delivery, or None where the preset or the delivery has none.

    `body` is the parsed body. Nothing is checked about the text.
    """
    match preset:
        case "standard-webhooks":
            return _lower(headers).get("webhook-id")
        case "github":
            return _lower(headers).get("x-github-delivery")
        case "stripe":
            return _member(body, "id")
        case "slack":
            return _member(body, "event_id")
    return None


def _standard(rule: SignatureRule, headers: Mapping[str, str], body: bytes, now: datetime) -> _Signed:
    identifier, stamp = _required(headers, "webhook-id"), _required(headers, "webhook-timestamp")
    _require_fresh(stamp, now)
    versions = (part.partition(",") for part in _required(headers, "webhook-signature").split())
    signatures = [signature for version, _comma, signature in versions if version == "v1"]
    return _Signed(_raw(f"{identifier}.{stamp}.") + body, signatures, "base64")


def _github(rule: SignatureRule, headers: Mapping[str, str], body: bytes, now: datetime) -> _Signed:
    return _Signed(body, _after_prefix(_required(headers, "x-hub-signature-256").split(","), "sha256="))


def _stripe(rule: SignatureRule, headers: Mapping[str, str], body: bytes, now: datetime) -> _Signed:
    parts = [part.strip() for part in _required(headers, "stripe-signature").split(",")]
    stamps = _after_prefix(parts, "t=")
    if len(stamps) != 1:
        raise _missing("Stripe-Signature t=")
    _require_fresh(stamps[0], now)
    return _Signed(_raw(f"{stamps[0]}.") + body, _after_prefix(parts, "v1="))


def _slack(rule: SignatureRule, headers: Mapping[str, str], body: bytes, now: datetime) -> _Signed:
    stamp = _required(headers, "x-slack-request-timestamp")
    _require_fresh(stamp, now)
    signatures = _after_prefix(_required(headers, "x-slack-signature").split(","), "v0=")
    return _Signed(_raw(f"v0:{stamp}:") + body, signatures)


def _plain(rule: SignatureRule, headers: Mapping[str, str], body: bytes, now: datetime) -> _Signed:
    value = _required(headers, (rule.header or "").lower())
    return _Signed(body, _after_prefix(value.split(","), rule.prefix), rule.encoding)


_Reader = Callable[[SignatureRule, Mapping[str, str], bytes, datetime], _Signed]
_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        "standard-webhooks": _standard,
        "github": _github,
        "stripe": _stripe,
        "slack": _slack,
        "hmac-sha256": _plain,
    }
)
PRESETS = frozenset(_READERS)


def _key(preset: str, secret: str) -> bytes | None:
    if preset != "standard-webhooks":
        return secret.encode("utf-8", "surrogatepass")
    return _from_base64(secret.removeprefix("whsec_"))


def _require_fresh(stamp: str, now: datetime) -> None:
    if not _TIMESTAMP.fullmatch(stamp) or abs(now.timestamp() - int(stamp)) > TOLERANCE_SECONDS:
        raise SignatureRefused(
            "stale", _("The delivery's time stamp is more than 5 minutes off, or is none.")
        )


def _decoded(signature: str, encoding: str) -> bytes | None:
    if encoding == "base64":
        return _from_base64(signature)
    try:
        return binascii.unhexlify(signature)
    except ValueError:
        return None


def _from_base64(text: str) -> bytes | None:
    """Standard base64, padded or not; None when it is none."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except ValueError:
        return None


def _after_prefix(parts: Iterable[str], prefix: str) -> list[str]:
    stripped = (part.strip() for part in parts)
    return [part.removeprefix(prefix) for part in stripped if part.startswith(prefix)]


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value.strip() for name, value in headers.items()}


def _required(headers: Mapping[str, str], name: str) -> str:
    if not headers.get(name):
        raise _missing(name)
    return headers[name]


def _missing(name: str) -> SignatureRefused:
    return SignatureRefused("missing", _("The delivery lacks %(name)s.") % {"name": name})


def _member(body: object, name: str) -> str | None:
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else None


def _raw(text: str) -> bytes:
    """Header text as the bytes that were sent: servers hand header bytes over as latin-1."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
