import smtplib

import pytest
from django.core import mail

from workflows.outgoing import OutgoingFailed
from workflows.outgoing.mail import message_id, send_email

GIVEN = {"to": "ada@example.com", "subject": "Hello", "text": "Good morning", "key": "run.mail"}


def failure(**changes: object) -> OutgoingFailed:
    with pytest.raises(OutgoingFailed) as failed:
        send_email(**{**GIVEN, **changes})
    return failed.value


class Server:
    """Stands in for a mail backend; raises where a test says."""

    def __init__(self, **raises: Exception) -> None:
        self.raises, self.closed = raises, 0

    def __call__(self, **options: object) -> "Server":
        self.options = options
        return self

    def open(self) -> None:
        if "open" in self.raises:
            raise self.raises["open"]

    def send_messages(self, messages: list[mail.EmailMessage]) -> int:
        if "send" in self.raises:
            raise self.raises["send"]
        return len(messages)

    def close(self) -> None:
        self.closed += 1


def test_send_email_hands_the_message_over():
    identifier = send_email(
        to=["Ada <ada@example.com>", "bob@example.com"],
        cc="cleo@example.com, bob@example.com",
        subject="Grüße",
        text="plain",
        html="<p>rich</p>",
        reply_to="help@example.com",
        key="run.mail",
    )

    (message,) = mail.outbox
    assert message.to == ["Ada <ada@example.com>", "bob@example.com"]
    assert message.cc == ["cleo@example.com", "bob@example.com"]
    assert message.reply_to == ["help@example.com"]
    assert (message.subject, message.body) == ("Grüße", "plain")
    assert [tuple(part) for part in message.alternatives] == [("<p>rich</p>", "text/html")]
    assert message.message()["Message-ID"] == identifier


def test_send_email_gives_one_message_id_per_key(settings):
    settings.DEFAULT_FROM_EMAIL = "Signalbox <box@signals.example>"

    first, again, other = (
        send_email(**GIVEN),
        send_email(**GIVEN),
        send_email(**{**GIVEN, "key": "run.other"}),
    )

    assert first == again == message_id("run.mail")
    assert other != first
    assert first.startswith("<")
    assert first.endswith(".signalbox@signals.example>")


def test_message_id_of_any_key_is_one_plain_line():
    identifier = message_id("a\r\nBcc: x@y.example\ud800 ü>")

    assert identifier.isascii()
    assert identifier.isprintable()
    assert identifier.count("<") == identifier.count(">") == 1


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\x00", "\x0b", "\x85", "\u2028"])
@pytest.mark.parametrize("field", ["subject", "to", "cc", "reply_to"])
def test_send_email_refuses_injected_headers(field, sign):
    text = f"ada@example.com{sign}Bcc: eve@example.com"

    failed = failure(**{field: text})

    assert (failed.code, failed.permanent, failed.sent) == ("mail_refused", True, False)
    assert "line break or control character" in failed.message
    assert mail.outbox == []


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "a b@example.com",
        "ada@example.com;bob@example.com",
        "<>",
        "ada@ex_ample.com",
    ],
)
@pytest.mark.parametrize("field", ["to", "cc", "reply_to"])
def test_send_email_refuses_what_is_no_address(field, address):
    failed = failure(**{field: ["bob@example.com", address]})

    assert (failed.code, failed.permanent) == ("mail_refused", True)
    assert "not an e-mail address" in failed.message
    assert mail.outbox == []


@pytest.mark.parametrize("to", ["", "  ", [], [""]])
def test_send_email_needs_a_recipient(to):
    assert failure(to=to).message == "To is empty. Give at least one address."


def test_send_email_goes_to_at_most_50():
    addresses = [f"p{number}@example.com" for number in range(51)]

    assert "at most 50" in failure(to=addresses[:25], cc=addresses[25:]).message
    send_email(**{**GIVEN, "to": addresses[:50]})
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"text": " "}, "has no text"),
        ({"subject": "x" * 501}, "longer than 500"),
        ({"text": "\ud800"}, "unusual characters"),
    ],
)
def test_send_email_refuses_what_cannot_be_sent(changes, part):
    failed = failure(**changes)

    assert (failed.code, failed.permanent, failed.sent) == ("mail_refused", True, False)
    assert part in failed.message
    assert mail.outbox == []


def test_send_email_with_html_alone_is_taken():
    send_email(**{**GIVEN, "text": "", "html": "<p>x</p>"})

    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("raises", "permanent", "sent"),
    [
        ({"open": ConnectionRefusedError()}, False, False),
        ({"open": TimeoutError()}, False, False),
        ({"open": smtplib.SMTPServerDisconnected()}, False, False),
        ({"open": smtplib.SMTPConnectError(421, b"busy")}, False, False),
        ({"open": smtplib.SMTPAuthenticationError(535, b"no")}, True, False),
        ({"send": smtplib.SMTPSenderRefused(550, b"no", "box@x")}, True, False),
        ({"send": smtplib.SMTPDataError(451, b"later")}, False, False),
        ({"send": smtplib.SMTPRecipientsRefused({"a": (550, b"no"), "b": (450, b"later")})}, False, False),
        ({"send": smtplib.SMTPRecipientsRefused({"a": (550, b"no"), "b": (551, b"no")})}, True, False),
        ({"send": smtplib.SMTPServerDisconnected()}, False, True),
        ({"send": TimeoutError()}, False, True),
        ({"send": ConnectionResetError()}, False, True),
    ],
)
def test_send_email_says_what_a_failing_server_means(monkeypatch, raises, permanent, sent):
    server = Server(**raises)
    monkeypatch.setattr("workflows.outgoing.mail.get_connection", server)

    failed = failure()

    assert (failed.code, failed.permanent, failed.sent) == ("mail_failed", permanent, sent)
    assert server.closed == ("send" in raises)


def test_send_email_bounds_the_servers_waits(monkeypatch):
    server = Server()
    monkeypatch.setattr("workflows.outgoing.mail.get_connection", server)

    send_email(**GIVEN, timeout=7)

    assert server.options == {"timeout": 7}
    assert server.closed == 1
