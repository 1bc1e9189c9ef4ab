"""Dramatiq's broker and its middleware, from BROKER_URL: Redis, RabbitMQ, or in-process when it is empty."""

from typing import Any

import dramatiq
from django.conf import settings
from django.db import close_old_connections
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, Retries, ShutdownNotifications, TimeLimit

SOCKET_SECONDS = 2


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
        return RedisBroker(
            url=url,
            middleware=middleware(),
            socket_connect_timeout=SOCKET_SECONDS,
            socket_timeout=SOCKET_SECONDS,
        )
    if url.startswith("amqp"):
        return RabbitmqBroker(url=url, confirm_delivery=True, middleware=middleware())
    return StubBroker(middleware=middleware())


broker = build(settings.BROKER_URL)
dramatiq.set_broker(broker)
