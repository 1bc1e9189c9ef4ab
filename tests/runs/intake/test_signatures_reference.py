"""Signatures against the reference library of Standard Webhooks."""

import base64
import json
import math
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from runs.intake.signatures import SignatureRule, verify
from tests.runs.intake.test_signatures import NOW, signed
from workflows.secrets import generate

RULE = SignatureRule("standard-webhooks")


@hypothesis_settings(deadline=None)
@given(st.binary(min_size=24, max_size=64), st.text(), st.uuids(), st.integers(-290, 290))
def test_verify_takes_what_the_reference_library_signs(key, text, identifier, seconds):
    secret = "whsec_" + base64.b64encode(key).decode()
    body = json.dumps({"text": text}, ensure_ascii=True)
    moment = NOW + timedelta(seconds=seconds)
    headers = {
        "webhook-id": str(identifier),
        "webhook-timestamp": str(math.floor(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(str(identifier), moment, body),
    }

    assert verify(RULE, secrets=[secret], headers=headers, body=body.encode(), now=NOW) is None


def test_reference_library_takes_what_generate_makes():
    secret = generate("standard-webhooks")
    now = datetime.now(UTC)
    body = b'{"a": 1}'
    headers = signed("standard-webhooks", secret, body, str(int(now.timestamp())))

    assert Webhook(secret).verify(body, headers) == {"a": 1}
    assert verify(RULE, secrets=[secret], headers=headers, body=body, now=now) is None
