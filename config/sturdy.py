"""Redis as a broker that stands messages which are none: they are removed, and the queue goes on."""

import logging
from typing import Any

from dramatiq import Consumer, DecodeError, Message, MessageProxy
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.common import dq_name

logger = logging.getLogger(__name__)

OWN_ID = "redis_message_id"
DELAYED_POLL = 1_000
"""Milliseconds between two looks at the queue of delayed messages, of which nothing here makes any."""


class SturdyConsumer(_RedisConsumer):
    """Plain Dramatiq's consumer breaks off at such a message, rests 3 seconds, and gets it again after each restart."""

    def __next__(self) -> MessageProxy | None:
        try:
            return super().__next__()
        except DecodeError:
            self._remove_garbage()
            return None

    def ack(self, message: MessageProxy) -> None:
        """Also for a message that was not put here by a broker, and so does not know its own key."""
        super().ack(message) if OWN_ID in message.options else self._forget(message)

    def nack(self, message: MessageProxy) -> None:
        """As `ack`."""
        super().nack(message) if OWN_ID in message.options else self._forget(message)

    def _forget(self, message: MessageProxy) -> None:
        self.queued_message_ids.discard(message.message_id)
        self._remove_garbage()

    def _remove_garbage(self) -> None:
        names = f"{self.broker.namespace}:__acks__.{self.broker.broker_id}.{self.queue_name}"
        texts = f"{self.broker.namespace}:{self.queue_name}.msgs"
        for name in self.broker.client.smembers(names):
            if not _is_own(self.broker.client.hget(texts, name), name.decode()):
                logger.warning("Queue %s held a message that is none; it was removed.", self.queue_name)
                self.broker.do_ack(self.queue_name, name)


def _is_own(text: bytes | None, name: str) -> bool:
    """Whether this is a message as the broker enters them. Without its text it is one that was acknowledged just now."""
    if text is None:
        return True
    try:
        return bool(Message.decode(text).options.get(OWN_ID) == name)
    except (DecodeError, TypeError, AttributeError):
        return False


class SturdyRedisBroker(RedisBroker):
    """The broker with such consumers."""

    @property
    def consumer_class(self) -> Any:
        return SturdyConsumer

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Consumer:
        """A consumer. Each asks Redis at the end of every timeout: two such queues cost an idle worker 5 % of a core."""
        is_for_delayed = queue_name == dq_name(queue_name)
        return super().consume(
            queue_name, prefetch, max(timeout, DELAYED_POLL) if is_for_delayed else timeout
        )
