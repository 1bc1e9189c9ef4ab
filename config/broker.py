"""Dramatiq's broker and its middleware, from BROKER_URL: Redis, RabbitMQ, or in-process when it is empty."""

from typing import Any

import dramatiq
from django.conf import settings
from django.db import close_old_connections
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, Retries, ShutdownNotifications, TimeLimit
from pika.exceptions import AMQPError

from config.quorum import QuorumBroker
from config.sturdy import SturdyRedisBroker

SOCKET_SECONDS = 2
REDIS_POLL, IDLE_POLL = 20, 500


class FreshConnections(Middleware):
    """Closes database connections that went stale, around each message: plain Dramatiq does not tend them."""

    def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        close_old_connections()

    def after_process_message(
        self,
        broker: dramatiq.Broker,
        message: dramatiq.MessageProxy,
        *,
        result: Any = None,
        exception: Any = None,
    ) -> None:
        close_old_connections()


def middleware() -> list[Middleware]:
    """An explicit list. Retries stands in it although nothing is retried: without it `max_retries` is refused."""
    return [TimeLimit(), ShutdownNotifications(), Retries(max_retries=0), FreshConnections()]


def build(url: str) -> dramatiq.Broker:
    """The broker for an address; raises nothing while the server is away."""
    if url.startswith("redis"):
        return SturdyRedisBroker(
            url=url,
            middleware=middleware(),
            socket_connect_timeout=SOCKET_SECONDS,
            socket_timeout=SOCKET_SECONDS,
        )
    if url.startswith("amqp"):
        return QuorumBroker(url=url, confirm_delivery=True, middleware=middleware())
    return StubBroker(middleware=middleware())


def is_remote() -> bool:
    """Whether workers are told by a server, rather than in this process."""
    return not isinstance(broker, StubBroker)


def poll_milliseconds() -> int:
    """How often Dramatiq's threads look up while nothing comes. Redis is polled, and answers after about half of it;
    the others wake who waits."""
    return REDIS_POLL if isinstance(broker, RedisBroker) else IDLE_POLL


def waiting(queue: str) -> int:
    """How many messages wait in a queue; raises what the client raises while the server is away."""
    if isinstance(broker, RabbitmqBroker):
        return _waiting_at_rabbitmq(broker, queue)
    if isinstance(broker, RedisBroker):
        return int(broker.do_qsize(queue))
    return int(broker.queues[queue].qsize())


def _waiting_at_rabbitmq(rabbitmq: RabbitmqBroker, queue: str) -> int:
    try:
        return int(rabbitmq.get_queue_message_counts(queue)[0])
    except AMQPError:
        # The server drops connections that were idle for long: once more, on a new one.
        del rabbitmq.connection
        return int(rabbitmq.get_queue_message_counts(queue)[0])


broker = build(settings.BROKER_URL)
dramatiq.set_broker(broker)
