"""Health checks of connections."""

import pytest

from tests.factories import make_connection, workspace
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.events import change_of, everything, newest, words
from tests.workflows.sink import Sink
from workflows import connections
from workflows.connections.health import ConnectionGone
from workflows.models import Connection
from workflows.services.connection_values import Credentials
from workflows.services.connections import create_connection, rotate_secret

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "canary-7f3a9"


def make_crm(sink: Sink, **changes) -> Connection:
    values = {"base_url": f"{sink.url}v1", "credentials": Credentials("bearer", secret=CANARY), **changes}
    return create_connection("crm", scope=workspace(), **values)[1]


def test_test_asks_with_credentials_and_keeps_the_result(sink: Sink) -> None:
    crm = make_crm(sink)

    tested = connections.test(crm.pk)

    method, path, headers = sink.seen[0]
    assert (method, path, headers["authorization"]) == ("GET", "/v1", f"Bearer {CANARY}")
    assert (tested.health, tested.health_message) == ("ok", "Answered with 200.")
    assert Connection.objects.get().tested_at == tested.tested_at
    assert words(kind="connection") == ["Connection created", "Connection tested"]
    assert change_of(newest()) == (
        {"health": "unknown"}, {"health": "ok", "answer": "Answered with 200.", "status": 200},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "health"),
    [
        (204, "ok"),
        (302, "ok"),
        (404, "ok"),
        (405, "ok"),
        (401, "failing"),
        (403, "failing"),
        (500, "failing"),
    ],
)
def test_test_judges_by_the_answer(sink: Sink, status: int, health: str) -> None:
    crm = make_crm(sink)
    sink.status = status

    assert connections.test(crm.pk).health == health


def test_test_writes_no_history_and_no_revision(sink: Sink) -> None:
    crm = make_crm(sink)

    connections.test(crm.pk)

    assert (crm.history.count(), Connection.objects.get().revision) == (1, 1)


def test_chat_is_only_reached_and_never_posted_to(sink: Sink) -> None:
    chat = make_crm(sink, kind="chat", base_url=f"{sink.url}{CANARY}", credentials=None)
    sink.status = 403

    assert connections.test(chat.pk).health == "ok"
    assert [(method, path) for method, path, _headers in sink.seen] == [("HEAD", f"/{CANARY}")]
    assert CANARY not in everything()


def test_test_without_answer_is_failing_in_plain_words(sink: Sink, settings) -> None:
    crm = make_crm(sink)
    settings.EGRESS_ALLOW = []

    tested = connections.test(crm.pk)

    assert tested.health == "failing"
    assert "not a public address" in tested.health_message
    assert sink.seen == []


def test_test_without_secret_asks_nobody(sink: Sink) -> None:
    crm = make_crm(sink, credentials=Credentials("bearer"))

    tested = connections.test(crm.pk)

    assert (tested.health, sink.seen) == ("failing", [])
    assert "no secret" in tested.health_message


def test_one_marked_as_down_stays_down_whatever_it_answers(sink: Sink) -> None:
    crm = make_crm(sink)
    Connection.objects.update(health="down")

    tested = connections.test(crm.pk)

    assert (tested.health, tested.health_message) == ("down", "Answered with 200.")


def test_a_changed_connection_counts_as_never_tested(sink: Sink) -> None:
    crm = make_crm(sink)
    connections.test(crm.pk)

    rotate_secret(crm.pk, "another")

    assert Connection.objects.values("health", "health_message", "tested_at").get() == {
        "health": "unknown", "health_message": "", "tested_at": None,
    }  # fmt: skip


def test_test_all_asks_each_and_leaves_an_event_for_each(sink: Sink) -> None:
    make_crm(sink)
    make_connection("dead", base_url="http://127.0.0.1:1/")

    tested = connections.test_all(list(Connection.objects.order_by("name")))

    assert {one.name: one.health for one in tested} == {"crm": "ok", "dead": "failing"}
    assert words(kind="connection").count("Connection tested") == 2
    assert connections.test_all([]) == []


def test_a_deleted_connection_cannot_be_tested() -> None:
    with pytest.raises(ConnectionGone):
        connections.test(10**9)
