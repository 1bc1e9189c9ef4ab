"""`send_email`: the message handed over."""

from typing import Any

import pytest

from tests.workflows.steps.contexts import KEY, FakeContext, perform
from workflows.outgoing import OutgoingFailed
from workflows.steps.base import Done, EmailMessageData, StepError


def test_send_email_hands_over_the_message() -> None:
    context = FakeContext({"to": "ada@example.test", "name": "Ada"})
    fields = {
        "cc": ["b@example.test", ""],
        "reply_to": "r@example.test",
        "subject": "Hi {{ name }}",
        "text": "Dear {{ name }}",
    }

    outcome = perform(context, "send_email", to="{{ to }}, c@example.test", **fields)

    assert context.messages == [
        EmailMessageData(
            to=("ada@example.test", "c@example.test"),
            subject="Hi Ada",
            key=KEY,
            cc=("b@example.test",),
            text="Dear Ada",
            reply_to="r@example.test",
        )
    ]
    output = {"to": ["ada@example.test", "c@example.test"], "cc": ["b@example.test"], "subject": "Hi Ada"}
    assert outcome == Done(output)


def test_send_email_escapes_values_in_html_alone() -> None:
    context = FakeContext({"v": "<b>&"})

    perform(
        context, "send_email", to="a@example.test", subject="{{ v }}", text="{{ v }}", html="<p>{{ v }}</p>"
    )

    (message,) = context.messages
    assert (message.subject, message.text, message.html) == ("<b>&", "<b>&", "<p>&lt;b&gt;&amp;</p>")


@pytest.mark.parametrize("to", ["{{ list }}", ["{{ list[0] }}", "b@example.test"]])
def test_send_email_takes_lists_of_addresses(to: Any) -> None:
    context = FakeContext({"list": ["a@example.test", "b@example.test"]})

    perform(context, "send_email", to=to, subject="s", text="t")

    assert context.messages[0].to == ("a@example.test", "b@example.test")


def test_send_email_tells_how_it_failed() -> None:
    problem = OutgoingFailed("mail_refused", "The subject holds a line break.", permanent=True)

    with pytest.raises(StepError) as raised:
        perform(
            FakeContext({"s": "a\nBcc: x"}, mail_problem=problem),
            "send_email",
            to="a@example.test",
            subject="{{ s }}",
        )

    assert (raised.value.code, raised.value.permanent, raised.value.message) == (
        "mail_refused",
        True,
        problem.message,
    )
