"""RabbitMQ with quorum queues, the only replicated ones: a doorbell that goes on ringing when a node dies."""

from typing import Any

from dramatiq.brokers.rabbitmq import DEAD_MESSAGE_TTL, RabbitmqBroker
from dramatiq.common import dq_name, xq_name
from pika.exceptions import ChannelClosedByBroker

QUORUM = {"x-queue-type": "quorum"}
PRECONDITION_FAILED = 406


class QuorumBroker(RabbitmqBroker):
    """Declares every queue as a quorum queue; that for dead messages too, which the server needs 3.10 for.

    It takes no `max_priority`, since quorum queues refuse `x-max-priority`. Dramatiq has no public place for the
    type of a queue; tests/config/test_quorum.py holds what is overridden here against the installed release.
    """

    def _build_queue_arguments(self, queue_name: str) -> dict[str, Any]:
        return {**super()._build_queue_arguments(queue_name), **QUORUM}

    def _declare_xq_queue(self, queue_name: str) -> Any:
        arguments = {"x-message-ttl": DEAD_MESSAGE_TTL, **QUORUM}
        return self.channel.queue_declare(queue=xq_name(queue_name), durable=True, arguments=arguments)

    def strangers(self, queue_name: str) -> list[str]:
        """Which of a queue's three exist already with another type, so that nothing can be sent or fetched.

        Declares those that do not exist; raises AMQPError while the server is away.
        """
        declared = {
            queue_name: self._declare_queue,
            dq_name(queue_name): self._declare_dq_queue,
            xq_name(queue_name): self._declare_xq_queue,
        }
        return [name for name, declare in declared.items() if self._differs(declare, queue_name)]

    def _differs(self, declare: Any, queue_name: str) -> bool:
        try:
            declare(queue_name)
        except ChannelClosedByBroker as refused:
            del self.channel
            if refused.reply_code != PRECONDITION_FAILED:
                raise
            return True
        return False
