"""What is no message is removed from Redis, and what stands behind it is handed on."""

import os
import uuid
from collections.abc import Iterator

import pytest
from dramatiq import Message

from config.sturdy import SturdyRedisBroker

ADDRESS = os.environ.get("BROKER_URL", "")

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not ADDRESS.startswith("redis"), reason="needs BROKER_URL of Redis"),
]


@pytest.fixture
def broker() -> Iterator[SturdyRedisBroker]:
    made = SturdyRedisBroker(url=ADDRESS, namespace=f"sturdy-{uuid.uuid4().hex}")
    made.declare_queue("q")
    yield made
    made.flush_all()
    made.client.delete(f"{made.namespace}:__heartbeats__")
    made.close()


def message(**options: object) -> Message:
    return Message(queue_name="q", actor_name="a", args=("one",), kwargs={}, options=options)


def put(broker: SturdyRedisBroker, text: bytes) -> None:
    name = uuid.uuid4().hex
    broker.client.hset(f"{broker.namespace}:q.msgs", name, text)
    broker.client.rpush(f"{broker.namespace}:q", name)


def taken(broker: SturdyRedisBroker, looks: int = 8) -> list[tuple[str, ...]]:
    """What a consumer hands on, each acknowledged."""
    consumer = broker.consume("q", prefetch=4, timeout=10)
    found = []
    for _look in range(looks):
        given = next(consumer)
        if given is not None:
            found.append(given.args)
            consumer.ack(given)
    return found


@pytest.mark.parametrize(
    "text", [b"\xff\x00", b"null", b"{}", b"[1]", message().encode()[:40], b'{"queue_name": 7}']
)
def test_garbage_is_removed_and_the_next_message_comes(broker: SturdyRedisBroker, text: bytes) -> None:
    put(broker, text)
    broker.enqueue(message())

    assert taken(broker) == [("one",)]
    assert broker.client.keys(f"{broker.namespace}:*acks*") == []
    assert broker.client.hlen(f"{broker.namespace}:q.msgs") == 0


def test_messages_of_somebody_else_are_handed_on_once(broker: SturdyRedisBroker) -> None:
    for _message in range(10):  # more than are prefetched
        put(broker, message().encode())

    assert taken(broker, looks=30) == [("one",)] * 10
    assert broker.client.hlen(f"{broker.namespace}:q.msgs") == 0


def test_messages_in_work_stay_while_garbage_is_removed(broker: SturdyRedisBroker) -> None:
    broker.enqueue(message())
    consumer = broker.consume("q", prefetch=4, timeout=10)
    mine = next(consumer) or next(consumer)
    assert mine is not None
    put(broker, b"null")

    for _look in range(4):
        assert next(consumer) is None

    assert broker.client.hlen(f"{broker.namespace}:q.msgs") == 1
    consumer.ack(mine)
    assert broker.client.hlen(f"{broker.namespace}:q.msgs") == 0


def test_queue_of_delayed_messages_is_looked_at_rarely(broker: SturdyRedisBroker) -> None:
    waits = [broker.consume(name, timeout=20).timeout for name in ("q", "q.DQ")]
    assert waits == [20, 1_000]
