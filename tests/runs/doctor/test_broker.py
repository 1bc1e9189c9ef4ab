"""A broker that is away, or set up otherwise than it must be."""

import uuid
from collections.abc import Iterator

import dramatiq
import pika
import pytest
from django.conf import settings
from dramatiq.brokers.redis import RedisBroker

from config import broker as configured
from runs.doctor import broker as examined
from tests.runs.doctor.looking import said

pytestmark = [pytest.mark.django_db, pytest.mark.stack]
on_redis = pytest.mark.skipif(not settings.BROKER_URL.startswith("redis"), reason="needs Redis")
on_rabbitmq = pytest.mark.skipif(not settings.BROKER_URL.startswith("amqp"), reason="needs RabbitMQ")


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0", "amqp://guest:guest@127.0.0.1:1/"])
def test_broker_that_cannot_be_reached_is_found(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(configured, "broker", configured.build(address))

    found = said("broker")

    assert found.level == "error"
    assert found.message.startswith("The broker cannot be reached: ")
    assert "BROKER_URL" in found.fix


def test_broker_of_this_installation_answers() -> None:
    assert said("broker").level == "ok"


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The doorbell's queue under a name of its own, gone afterwards."""
    name = f"test-{uuid.uuid4().hex}"
    monkeypatch.setattr(examined, "QUEUE", name)
    yield name
    with pika.BlockingConnection(pika.URLParameters(settings.BROKER_URL)) as server:
        for one in (name, f"{name}.DQ", f"{name}.XQ"):
            server.channel().queue_delete(one)


@on_rabbitmq
def test_classic_queue_is_found_and_gone_after_the_remedy(queue: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(settings.BROKER_URL)) as server:
        server.channel().queue_declare(queue, durable=True)

    found = said("broker")

    assert found.level == "error"
    assert found.message == f"RabbitMQ's queue {queue} is no quorum queue: nothing can be sent or fetched."
    vhost = settings.BROKER_URL.rpartition("/")[2] or "/"
    assert f"rabbitmqctl delete_queue --vhost {vhost} {queue}" in found.fix
    with pika.BlockingConnection(pika.URLParameters(settings.BROKER_URL)) as server:
        server.channel().queue_delete(queue)
    assert said("broker").level == "ok"


@on_redis
def test_redis_that_may_evict_keys_is_found() -> None:
    broker = dramatiq.get_broker()
    assert isinstance(broker, RedisBroker)
    before = broker.client.config_get("maxmemory-policy")["maxmemory-policy"]
    broker.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        found = said("broker")
    finally:
        broker.client.config_set("maxmemory-policy", before)

    assert found.level == "warning"
    assert found.message == "Redis may evict keys (maxmemory-policy allkeys-lru), the queue among them."
    assert "noeviction" in found.fix
