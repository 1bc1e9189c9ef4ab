import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from runs.intake.signatures import PRESETS, SignatureRefused, SignatureRule, verify
from workflows.secrets import generate

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
BODY = b'{"id": "evt_1", "amount": 5}'
SECRET = "a secret of some length"
STANDARD = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def digest(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def signed(preset: str, secret: str, body: bytes = BODY, stamp: str = STAMP) -> dict[str, str]:
    """The headers a sender adds, written down from each preset's published rule."""
    match preset:
        case "standard-webhooks":
            key = base64.b64decode(secret.removeprefix("whsec_"))
            mac = hmac.new(key, f"msg_1.{stamp}.".encode() + body, hashlib.sha256).digest()
            signature = "v1," + base64.b64encode(mac).decode()
            return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}
        case "github":
            return {"X-Hub-Signature-256": "sha256=" + digest(secret, body), "X-GitHub-Delivery": "guid-1"}
        case "stripe":
            return {"Stripe-Signature": f"t={stamp},v1={digest(secret, f'{stamp}.'.encode() + body)},v0=aa"}
        case "slack":
            signature = "v0=" + digest(secret, f"v0:{stamp}:".encode() + body)
            return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    return {"X-Sign": digest(secret, body)}


def rule(preset: str) -> SignatureRule:
    return SignatureRule(preset, header="X-Sign" if preset == "hmac-sha256" else None)


def check(
    preset: str, headers: dict[str, str], *, secrets: list[str], body: bytes = BODY, now: datetime = NOW
) -> None:
    verify(rule(preset), secrets=secrets, headers=headers, body=body, now=now)


def refusal(preset: str, headers: dict[str, str], **changes: object) -> str:
    with pytest.raises(SignatureRefused) as refused:
        check(preset, headers, **{"secrets": [secret_of(preset)], **changes})
    return refused.value.reason


def secret_of(preset: str) -> str:
    return STANDARD if preset == "standard-webhooks" else SECRET


ALL = pytest.mark.parametrize("preset", sorted(PRESETS))
STAMPED = pytest.mark.parametrize("preset", ["slack", "standard-webhooks", "stripe"])


@ALL
def test_verify_takes_what_the_preset_signs(preset):
    assert check(preset, signed(preset, secret_of(preset)), secrets=[secret_of(preset)]) is None


@ALL
def test_verify_takes_header_names_in_any_case(preset):
    headers = {name.upper(): value for name, value in signed(preset, secret_of(preset)).items()}

    assert check(preset, headers, secrets=[secret_of(preset)]) is None


@ALL
def test_verify_refuses_one_altered_byte(preset):
    headers = signed(preset, secret_of(preset))

    for position in range(len(BODY)):
        altered = BODY[:position] + bytes([BODY[position] ^ 1]) + BODY[position + 1 :]
        assert refusal(preset, headers, body=altered) == "mismatch"


@ALL
def test_verify_refuses_another_secret(preset):
    assert refusal(preset, signed(preset, generate(preset))) == "mismatch"


@ALL
def test_verify_takes_either_of_two_secrets(preset):
    old, new = secret_of(preset), generate(preset)

    assert check(preset, signed(preset, old), secrets=[new, old]) is None
    assert check(preset, signed(preset, new), secrets=[new, old]) is None
    assert refusal(preset, signed(preset, old), secrets=[new]) == "mismatch"


@ALL
def test_verify_refuses_without_secrets(preset):
    assert refusal(preset, signed(preset, secret_of(preset)), secrets=[]) == "no_secret"
    assert refusal(preset, signed(preset, secret_of(preset)), secrets=[""]) == "no_secret"


@ALL
def test_verify_refuses_without_each_header(preset):
    headers = signed(preset, secret_of(preset))
    needed = [name for name in headers if name != "X-GitHub-Delivery"]

    for name in needed:
        assert refusal(preset, {key: value for key, value in headers.items() if key != name}) == "missing"
        assert refusal(preset, {**headers, name: ""}) == "missing"


@STAMPED
@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_verify_takes_five_minutes_either_way(preset, seconds):
    headers = signed(preset, secret_of(preset))

    assert check(preset, headers, secrets=[secret_of(preset)], now=NOW + timedelta(seconds=seconds)) is None


@STAMPED
@pytest.mark.parametrize("seconds", [-301, 301, -86400])
def test_verify_refuses_stale_and_early_deliveries(preset, seconds):
    assert refusal(preset, signed(preset, secret_of(preset)), now=NOW + timedelta(seconds=seconds)) == "stale"


@STAMPED
@pytest.mark.parametrize(
    "stamp",
    [
        "nan",
        "NaN",
        "inf",
        "-1",
        f"-{STAMP}",
        f"+{STAMP}",
        f"{STAMP}.5",
        "1e9",
        "9" * 400,
        "0x10",
        "٣٣",
        f"{STAMP}\x00",
    ],
)
def test_verify_refuses_what_is_no_time(preset, stamp):
    assert refusal(preset, signed(preset, secret_of(preset), stamp=stamp)) == "stale"


@STAMPED
def test_verify_refuses_a_time_other_than_the_signed_one(preset):
    headers = signed(preset, secret_of(preset), stamp=str(int(STAMP) - 1000))
    moved = {name: value.replace(str(int(STAMP) - 1000), STAMP) for name, value in headers.items()}

    assert refusal(preset, moved) == "mismatch"


def test_verify_takes_any_of_several_standard_signatures():
    headers = signed("standard-webhooks", STANDARD)
    right = headers["webhook-signature"]
    headers["webhook-signature"] = f"v1,AAAA v1a,xyz {right} v1,not-base64!"

    assert check("standard-webhooks", headers, secrets=[STANDARD]) is None


def test_verify_refuses_the_right_digest_under_another_version():
    headers = signed("standard-webhooks", STANDARD)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v2,")

    assert refusal("standard-webhooks", headers) == "mismatch"


def test_verify_takes_a_standard_secret_without_prefix_or_padding():
    headers = signed("standard-webhooks", STANDARD)
    bare = STANDARD.removeprefix("whsec_").rstrip("=")

    assert check("standard-webhooks", headers, secrets=[bare]) is None


def test_verify_leaves_aside_a_standard_secret_that_is_no_base64():
    headers = signed("standard-webhooks", STANDARD)

    assert refusal("standard-webhooks", headers, secrets=["whsec_!!!"]) == "no_secret"


def test_verify_takes_any_of_several_stripe_signatures():
    headers = signed("stripe", SECRET)
    right = headers["Stripe-Signature"].split("v1=")[1].split(",")[0]

    headers["Stripe-Signature"] = f"t={STAMP}, v1={'0' * 64}, v1={right}"

    assert check("stripe", headers, secrets=[SECRET]) is None


def test_verify_refuses_two_stripe_times():
    headers = signed("stripe", SECRET)
    headers["Stripe-Signature"] += f",t={STAMP}"

    assert refusal("stripe", headers) == "missing"


@pytest.mark.parametrize("signature", ["zz", "ä" * 64, "0" * 63, "\udc80", "sha1=" + "0" * 40, "=", ","])
def test_verify_refuses_signatures_that_are_none(signature):
    assert refusal("github", {"X-Hub-Signature-256": f"sha256={signature}"}) == "mismatch"


def test_verify_takes_plain_hmac_as_base64_with_prefix():
    value = base64.b64encode(bytes.fromhex(digest(SECRET, BODY))).decode()
    plain = SignatureRule("hmac-sha256", header="X-Shop-Hmac", encoding="base64", prefix="v1:")

    headers = {"x-shop-hmac": f"v1:{value}"}
    assert verify(plain, secrets=[SECRET], headers=headers, body=BODY, now=NOW) is None

    with pytest.raises(SignatureRefused):
        verify(plain, secrets=[SECRET], headers={"x-shop-hmac": value}, body=BODY, now=NOW)


def test_verify_of_unknown_preset_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="md5"):
        verify(SignatureRule("md5"), secrets=[SECRET], headers={}, body=b"", now=NOW)


def test_verify_signs_the_raw_header_bytes():
    # A server hands the bytes of "ü" over as two latin-1 characters.
    content = f"ü.{STAMP}.".encode() + BODY
    key = base64.b64decode(STANDARD.removeprefix("whsec_"))
    mac = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    headers = {
        "webhook-id": "ü".encode().decode("latin-1"),
        "webhook-timestamp": STAMP,
        "webhook-signature": f"v1,{mac}",
    }

    assert check("standard-webhooks", headers, secrets=[STANDARD]) is None
