import base64
import json
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from workflows.secrets import (
    Redactor,
    SecretRefused,
    SecretUnreadable,
    check_secret,
    decrypt,
    encrypt,
    generate,
    redact_paths,
    renewed,
)

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.mark.parametrize("text", ["", "s3cret", "ünï ¢ 秘密", "a" * 10_000, "\ud800"])
def test_encrypt_is_read_back(text):
    token = encrypt(text)

    assert decrypt(token) == text
    assert "s3cret" not in token


def test_encrypt_differs_each_time():
    assert encrypt("same") != encrypt("same")


def test_decrypt_after_rotation_reads_old_and_new(settings):
    settings.SECRET_KEYS = [OLD]
    token = encrypt("kept")

    settings.SECRET_KEYS = [NEW, OLD]
    fresh = renewed(token)
    assert decrypt(token) == "kept"

    settings.SECRET_KEYS = [NEW]
    assert decrypt(fresh) == "kept"
    with pytest.raises(SecretUnreadable):
        decrypt(token)


@pytest.mark.parametrize("token", ["", "no token", "ä", "\ud800"])
def test_decrypt_of_damaged_token_is_unreadable(token):
    with pytest.raises(SecretUnreadable):
        decrypt(token)
    with pytest.raises(SecretUnreadable):
        renewed(token)


def test_decrypt_of_altered_token_is_unreadable():
    token = encrypt("x")
    altered = token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:]

    with pytest.raises(SecretUnreadable):
        decrypt(altered)


@pytest.mark.parametrize("keys", [[], ["short"], [OLD, "ä" * 44]])
def test_wrong_keys_are_named_in_one_sentence(settings, keys):
    settings.SECRET_KEYS = keys

    with pytest.raises(ImproperlyConfigured, match="SIGNALBOX_SECRET_KEYS must hold Fernet keys"):
        encrypt("x")


@pytest.mark.parametrize("preset", ["github", "slack", "stripe", "hmac-sha256"])
def test_generate_gives_text_with_256_bits(preset):
    secret = generate(preset)

    assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    assert secret != generate(preset)
    check_secret(preset, secret)


def test_generate_for_standard_webhooks_gives_its_form():
    secret = generate("standard-webhooks")

    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    check_secret("standard-webhooks", secret)


@pytest.mark.parametrize(
    ("preset", "text"),
    [
        ("github", "short"),
        ("github", "x" * 4001),
        ("github", "secret with end \n"),
        ("github", " begins with blank"),
        ("github", "null\x00inside"),
        ("standard-webhooks", "no prefix but long enough"),
        ("standard-webhooks", "whsec_" + base64.b64encode(b"x" * 23).decode()),
        ("standard-webhooks", "whsec_" + base64.b64encode(b"x" * 65).decode()),
        ("standard-webhooks", "whsec_!!!not base64 at all!!!"),
    ],
)
def test_check_secret_refuses_what_cannot_serve(preset, text):
    with pytest.raises(SecretRefused):
        check_secret(preset, text)


@pytest.mark.parametrize("size", [24, 64])
def test_check_secret_takes_24_to_64_bytes(size):
    assert check_secret("standard-webhooks", "whsec_" + base64.b64encode(b"x" * size).decode()) is None


def test_redact_replaces_values_everywhere():
    redactor = Redactor(["tok_12345", "p@ss/word"])

    redacted = redactor.redact(
        {
            "headers": {"authorization": "Bearer tok_12345", "tok_12345": [1, None, True]},
            "list": ["a tok_12345 b tok_12345", {"deep": "p@ss/word"}],
            "number": 5,
        }
    )

    assert redacted == {
        "headers": {"authorization": "Bearer [redacted]", "[redacted]": [1, None, True]},
        "list": ["a [redacted] b [redacted]", {"deep": "[redacted]"}],
        "number": 5,
    }


@pytest.mark.parametrize(
    "form",
    [
        quote("p@ss/wo rd", safe=""),
        "p%40ss%2Fwo+rd",
        base64.b64encode(b"p@ss/wo rd").decode(),
        base64.b64encode(b"p@ss/wo rd").decode().rstrip("="),
    ],
)
def test_redact_knows_the_forms_requests_carry(form):
    assert Redactor(["p@ss/wo rd"]).redact_text(f"<{form.rstrip('=')}>") == "<[redacted]>"


def test_redact_knows_values_inside_json_text():
    secret = 'quote " and \\ and ü'

    assert json.dumps(secret)[1:-1] not in Redactor([secret]).redact_text(json.dumps({"key": secret}))


def test_redact_takes_the_longest_value_first():
    assert Redactor(["abcd", "abcdefgh"]).redact_text("abcdefgh") == "[redacted]"


@pytest.mark.parametrize("value", ["", "abc"])
def test_redact_leaves_values_too_short_to_be_secret(value):
    assert Redactor([value]).redact_text("abc abc") == "abc abc"


def test_redact_treats_values_as_text_not_as_patterns():
    assert Redactor([".*.*"]).redact_text("plain .*.* text") == "plain [redacted] text"


def test_redactor_without_values_changes_nothing():
    value = {"a": ["b", 1]}

    assert Redactor().redact(value) == value


def test_redactor_add_paths_takes_copies_too():
    redactor = Redactor()
    redactor.add_paths(
        {"trigger": {"body": {"card": 4111111111111111, "cvc": "1234"}}}, ["trigger.body.card"]
    )

    assert redactor.redact({"copy": 4111111111111111, "text": "card 4111111111111111", "cvc": "1234"}) == {
        "copy": "[redacted]",
        "text": "card [redacted]",
        "cvc": "1234",
    }


def test_redact_takes_huge_numbers():
    assert Redactor(["secret"]).redact([10**5000]) == [10**5000]


def test_redact_paths_replaces_what_stands_there():
    value = {"body": {"card": "4111", "items": [{"pin": 1}, {"pin": 2}, "x"], "kept": True}}

    redacted = redact_paths(
        value,
        ["trigger.body.card", "trigger.body.items.pin", "trigger.absent.x", "steps.a"],
        within="trigger",
    )

    assert redacted == {
        "body": {
            "card": "[redacted]",
            "items": [{"pin": "[redacted]"}, {"pin": "[redacted]"}, "x"],
            "kept": True,
        }
    }
    assert value["body"]["card"] == "4111"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("list.1", {"list": [1, "[redacted]"]}),
        ("list.7", {"list": [1, 2]}),
        ("list", {"list": "[redacted]"}),
        ("list.1.deep", {"list": [1, 2]}),
        ("", {"list": [1, 2]}),
    ],
)
def test_redact_paths_picks_items_by_number(path, expected):
    assert redact_paths({"list": [1, 2]}, [path]) == expected


signs = st.text('XYZ"\\+/ é', max_size=12)


@hypothesis_settings(deadline=None)
@given(signs, signs.filter(lambda text: len(text) >= 4), signs)
def test_redact_leaves_no_known_value(before, secret, after):
    redacted = Redactor([secret]).redact({"value": [before + secret + after], secret: secret})

    # No sign of the secrets occurs in the replacement, so none can arise anew.
    assert secret not in redacted["value"][0]
    assert set(redacted) == {"value", "[redacted]"}
