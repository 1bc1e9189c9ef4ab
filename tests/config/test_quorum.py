"""Every queue is a quorum queue: held against the Dramatiq that is installed, and against a server where one answers."""

import uuid
from collections.abc import Iterator
from typing import Any
from unittest import mock

import dramatiq
import pika
import pytest
from django.conf import settings
from dramatiq import Worker
from dramatiq.common import dq_name, xq_name
from pika.exceptions import ChannelClosedByBroker

from config.broker import build, middleware
from config.quorum import QuorumBroker

WEEK = 7 * 86_400_000
on_rabbitmq = pytest.mark.skipif(not settings.BROKER_URL.startswith("amqp"), reason="needs RabbitMQ")


def test_address_of_rabbitmq_gives_quorum_queues() -> None:
    assert isinstance(build("amqp://guest:guest@127.0.0.1:1/"), QuorumBroker)


def test_installed_dramatiq_declares_exactly_these_three_queues() -> None:
    broker = build("amqp://guest:guest@127.0.0.1:1/")
    with mock.patch.object(QuorumBroker, "channel", new_callable=mock.PropertyMock) as channel:
        broker.declare_queue("runs", ensure=True)

    asked = [call.kwargs for call in channel.return_value.queue_declare.call_args_list]
    dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "runs.XQ", "x-queue-type": "quorum"}
    assert asked == [
        {"queue": "runs", "durable": True, "arguments": dead},
        {"queue": "runs.DQ", "durable": True, "arguments": dead},
        {"queue": "runs.XQ", "durable": True, "arguments": {"x-message-ttl": WEEK, "x-queue-type": "quorum"}},
    ]


@pytest.fixture
def queue() -> Iterator[str]:
    """The name of a queue of the server that is gone afterwards."""
    name = f"test-{uuid.uuid4().hex}"
    yield name
    with pika.BlockingConnection(pika.URLParameters(settings.BROKER_URL)) as server:
        for one in (name, dq_name(name), xq_name(name)):
            server.channel().queue_delete(one)


@pytest.fixture
def broker() -> Iterator[QuorumBroker]:
    made = QuorumBroker(url=settings.BROKER_URL, confirm_delivery=True, middleware=middleware())
    yield made
    made.close()


def declare_classic(name: str, **arguments: Any) -> None:
    with pika.BlockingConnection(pika.URLParameters(settings.BROKER_URL)) as server:
        server.channel().queue_declare(name, durable=True, arguments=arguments)


@pytest.mark.stack
@on_rabbitmq
def test_server_makes_quorum_queues_and_a_message_comes_through(broker: QuorumBroker, queue: str) -> None:
    came = []
    ring = dramatiq.actor(came.append, broker=broker, actor_name="ring", queue_name=queue, max_retries=0)
    worker = Worker(broker, worker_threads=1, worker_timeout=20)
    worker.start()
    ring.send("a run")
    broker.join(queue, timeout=10_000)
    worker.join()
    worker.stop()

    assert came == ["a run"]
    with pytest.raises(ChannelClosedByBroker, match="inequivalent arg 'x-queue-type'"):
        declare_classic(queue, **{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": xq_name(queue)})
    with pytest.raises(ChannelClosedByBroker, match="inequivalent arg 'x-queue-type'"):
        declare_classic(xq_name(queue), **{"x-message-ttl": WEEK})


@pytest.mark.stack
@on_rabbitmq
def test_classic_queue_of_the_same_name_is_found(broker: QuorumBroker, queue: str) -> None:
    declare_classic(queue)

    assert broker.strangers(queue) == [queue]
    assert broker.strangers(queue) == [queue], "asking again works on a new channel"


@pytest.mark.stack
@on_rabbitmq
def test_quorum_queues_are_no_strangers(broker: QuorumBroker, queue: str) -> None:
    assert broker.strangers(queue) == []
    assert broker.strangers(queue) == []
