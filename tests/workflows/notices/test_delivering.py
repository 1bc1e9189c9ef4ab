"""Delivery: what is due leaves as parcels, each tried until it is taken, recorded, and never under two Message-IDs."""

import json
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from tests.dying import Mortal
from tests.factories import DEFINITION, make_connection, make_workflow
from tests.workflows.sink import Sink, serving
from workflows.models import Connection, NoticeDelivery, NoticeKind, Workflow
from workflows.notices import delivering
from workflows.outgoing import OutgoingFailed
from workflows.services import notices, status

pytestmark = pytest.mark.django_db
State = NoticeDelivery.State


def told(*names: str, name: str = "Lead qualification") -> Workflow:
    return make_workflow(name, definition={**DEFINITION, "settings": {"notify": list(names)}})


def raised(workflow: Workflow, number: int = 1, **changes: Any) -> None:
    words = {"title": f"Finding {number}", "text": "It did not run.", **changes}
    notices.raise_(NoticeKind.FINDING, f"finding:{number}", workflow=workflow, **words)


def later(**span: float) -> None:
    for row in NoticeDelivery.objects.filter(due_at__isnull=False):
        row.due_at -= timedelta(**span)
        row.save()


@pytest.fixture
def chat(settings: Any) -> Iterator[Sink]:
    settings.EGRESS_ALLOW = [ip_network("127.0.0.0/8")]
    with serving() as sink:
        make_connection("alarms", kind=Connection.Kind.CHAT, base_url=sink.url)
        yield sink


def failing(monkeypatch: pytest.MonkeyPatch, **how: Any) -> None:
    def refuse(**given: Any) -> str:
        raise OutgoingFailed("mail_failed", "The connection to the mail server failed.", **how)

    monkeypatch.setattr(delivering, "send_email", refuse)


def test_a_message_says_what_happened_what_to_do_and_where(settings: Any) -> None:
    settings.BASE_URL = "https://ops.example.test"
    workflow = told("ops@example.test")
    status.pause(workflow.pk, reason="CRM outage")
    assert delivering.deliver_due() == 1
    [message] = mail.outbox
    assert message.to == ["ops@example.test"]
    assert message.subject == "[Signalbox] Lead qualification is paused"
    assert message.body.startswith("Lead qualification is paused\nWorkspace · ")
    assert "By Signalbox: CRM outage" in message.body
    assert "What to do next: Resume it when the reason is gone." in message.body
    assert f"https://ops.example.test/automations/workflows/{workflow.pk}/" in message.body
    row = NoticeDelivery.objects.get()
    assert (row.state, row.attempts, row.due_at, row.error) == (State.SENT, 1, None, "")
    assert delivering.deliver_due() == 0
    assert len(mail.outbox) == 1


def test_what_is_due_together_is_one_message() -> None:
    for number in range(1, 4):
        raised(told("ops@example.test", name=f"Flow {number}"), number)
    delivering.deliver_due()
    assert [message.subject for message in mail.outbox] == [
        "[Signalbox] 3 notices: Finding 1, Finding 2, Finding 3"
    ]
    assert NoticeDelivery.objects.filter(state=State.SENT).count() == 3


def test_names_inject_no_header() -> None:
    raised(told("ops@example.test"), title="Rain\r\nBcc: all@example.test\u2028\x1b[31m")
    delivering.deliver_due()
    [message] = mail.outbox
    assert message.subject == "[Signalbox] Rain Bcc: all@example.test [31m"
    assert message.recipients() == ["ops@example.test"]


def test_a_chat_is_posted_to_without_mentions(chat: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[Any] = []
    send = delivering.send
    monkeypatch.setattr(delivering, "send", lambda request: posted.append(request) or send(request))
    raised(told("alarms"), title="<!channel> & co")
    delivering.deliver_due()
    [(method, _path, headers)] = chat.seen
    row = NoticeDelivery.objects.get()
    assert (method, headers["idempotency-key"]) == ("POST", f"notice.{row.parcel}")
    assert json.loads(posted[0].content)["text"].startswith("&lt;!channel&gt; &amp; co\n")
    assert row.state == State.SENT


def test_a_chat_that_fails_is_tried_again_under_the_same_key(chat: Sink) -> None:
    chat.status = 503
    raised(told("alarms"))
    delivering.deliver_due()
    row = NoticeDelivery.objects.get()
    assert (row.state, row.attempts) == (State.PENDING, 1)
    assert "503" in row.error
    chat.status = 200
    assert delivering.deliver_due() == 0
    later(minutes=2)
    delivering.deliver_due()
    keys = [headers["idempotency-key"] for _method, _path, headers in chat.seen]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == (State.SENT, 2, "")


def test_a_chat_that_refuses_or_is_gone_is_not_tried_again(chat: Sink) -> None:
    chat.status = 404
    raised(told("alarms"))
    delivering.deliver_due()
    assert NoticeDelivery.objects.get().state == State.FAILED
    raised(told("alarms", name="Other"), 2)
    Connection.objects.filter(name="alarms").delete()
    delivering.deliver_due()
    gone = NoticeDelivery.objects.latest("pk")
    assert (gone.state, gone.error) == (State.FAILED, "There is no chat connection alarms any more.")


def test_each_try_waits_twice_as_long_and_the_last_one_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch)
    raised(told("ops@example.test"))
    for _try in range(delivering.TRIES):
        assert delivering.deliver_due() == 1
        later(hours=5)
    row = NoticeDelivery.objects.get()
    assert (row.state, row.attempts, row.due_at) == (State.FAILED, delivering.TRIES, None)
    assert row.error == "The connection to the mail server failed."
    assert delivering.deliver_due() == 0
    minutes = [delivering.wait_after(n).total_seconds() / 60 for n in (1, 2, 3, 9)]
    assert minutes == [1, 2, 4, 240]


def test_a_refused_message_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, permanent=True)
    raised(told("ops@example.test"))
    delivering.deliver_due()
    assert NoticeDelivery.objects.get().state == State.FAILED


def test_an_address_that_is_none_fails_and_stops_no_other() -> None:
    raised(told("not@@an address", "ops@example.test"))
    delivering.deliver_due()
    states = dict(NoticeDelivery.objects.values_list("recipient", "state"))
    assert states == {"not@@an address": State.FAILED, "ops@example.test": State.SENT}


def test_who_took_a_parcel_has_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    raised(told("ops@example.test"))
    second: list[int] = []
    monkeypatch.setattr(delivering, "send_email", lambda **given: second.append(delivering.deliver_due()))
    assert delivering.deliver_due() == 1
    assert second == [0]


PREPARED = """
from tests.dying import Mortal
from tests.factories import DEFINITION, make_workflow
from workflows.services import status
flow = make_workflow("Flow", definition={**DEFINITION, "settings": {"notify": ["ops@example.test"]}})
status.pause(flow.pk, reason="CRM outage")
"""
DELIVERS = "from workflows.notices import delivering; delivering.deliver_due()"
AFTERWARDS = """
from datetime import timedelta
from django.db.models import F
from workflows.models import NoticeDelivery
from workflows.notices import delivering
NoticeDelivery.objects.update(due_at=F("due_at") - timedelta(minutes=6))
delivering.deliver_due()
row = NoticeDelivery.objects.get()
print(row.state, row.attempts)
"""


def test_death_between_sending_and_recording_repeats_the_very_same_message(tmp_path: Path) -> None:
    """Killed at K9: the message is out, nothing is recorded. The next try carries the same Message-ID."""
    process = Mortal(tmp_path, "K9 kill once")
    process.prepare(PREPARED)
    process.dies(DELIVERS)
    assert process.says(AFTERWARDS).split() == ["sent", "2"]
    written = b"".join(path.read_bytes() for path in (tmp_path / "mail").iterdir())
    messages = [message_from_bytes(part) for part in written.split(b"-" * 79 + b"\n") if part.strip()]
    assert len(messages) == 2
    assert len({message["Message-ID"] for message in messages}) == 1
