"""`notify`: the text posted to a chat."""

import json

import pytest

from tests.workflows.steps.contexts import KEY, FakeContext, access, answered, perform
from workflows.steps.base import Done, StepError


def chat(base_url: str = "https://hooks.chat.example/T1/B2", kind: str = "http") -> FakeContext:
    return FakeContext({"who": "Ada"}, connections={"chat": access("chat", base_url, kind, **{"X-Key": "k"})})


def test_notify_posts_its_text() -> None:
    context = chat()

    outcome = perform(context, "notify", text="Hello {{ who }}")

    (request,) = context.requests
    assert (request.method, request.url) == ("POST", "https://hooks.chat.example/T1/B2")
    assert json.loads(request.content or b"") == {"text": "Hello Ada"}
    assert request.headers == {"Content-Type": "application/json", "X-Key": "k", "Idempotency-Key": KEY}
    assert outcome == Done({"connection": "chat", "status": 200})


@pytest.mark.parametrize(
    ("base_url", "kind"),
    [
        ("https://discord.com/api/webhooks/1/x", "http"),
        ("https://ptb.discord.com/api/webhooks/1", "http"),
        ("https://a.example", "discord"),
    ],
)
def test_notify_writes_what_discord_reads(base_url: str, kind: str) -> None:
    context = chat(base_url, kind)

    perform(context, "notify", text="x" * 3_000)

    assert json.loads(context.requests[0].content or b"") == {"content": "x" * 2_000}


def test_notify_does_not_take_other_hosts_for_discord() -> None:
    context = chat("https://notdiscord.com/hook")

    perform(context, "notify", text="x")

    assert json.loads(context.requests[0].content or b"") == {"text": "x"}


def test_notify_fails_like_a_request() -> None:
    context = chat()
    context.answer = answered(429, retry_after="3")

    with pytest.raises(StepError) as raised:
        perform(context, "notify", text="x")

    assert (raised.value.permanent, raised.value.retry_after) == (False, 3.0)
