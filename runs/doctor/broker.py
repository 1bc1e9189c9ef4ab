"""Whether the doorbell's server can be reached and is set up as it must be."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from dramatiq.brokers.redis import RedisBroker

from config import broker as configured
from config.quorum import QuorumBroker
from runs.doctor.diagnosis import Diagnosis
from runs.engine.doorbell import QUEUE

NO_EVICTION = "noeviction"


def answers() -> Iterator[Diagnosis]:
    """Reachable; on RabbitMQ the right type of queues, on Redis no eviction."""
    broker = configured.broker
    if not configured.is_remote():
        yield Diagnosis("broker", "ok", _("The broker is in-process; there is nothing to reach."))
        return
    try:
        problems = [*_of_rabbitmq(broker)] if isinstance(broker, QuorumBroker) else []
        problems += [*_of_redis(broker)] if isinstance(broker, RedisBroker) else []
        numbers = {} if problems else {"messages": configured.waiting(QUEUE)}
    except Exception as problem:  # each broker has its own errors
        message = _("The broker cannot be reached: %(problem)s.") % {"problem": type(problem).__name__}
        fix = _("Start it or mend BROKER_URL. Triggers are accepted meanwhile; runs wait until it answers.")
        yield Diagnosis("broker", "error", message, fix)
        return
    yield from problems
    if not problems:
        yield Diagnosis("broker", "ok", _("The broker answers."), numbers=numbers)


def _of_rabbitmq(broker: QuorumBroker) -> Iterator[Diagnosis]:
    for name in broker.strangers(QUEUE):
        message = _("RabbitMQ's queue %(name)s is no quorum queue: nothing can be sent or fetched.") % {
            "name": name
        }
        fix = _(
            "Delete it while no worker runs (rabbitmqctl delete_queue --vhost %(vhost)s %(name)s) and start the "
            "workers again: it holds doorbells only, which the scheduler rings anew."
        ) % {"vhost": settings.BROKER_URL.rpartition("/")[2] or "/", "name": name}
        yield Diagnosis("broker", "error", message, fix)


def _of_redis(broker: RedisBroker) -> Iterator[Diagnosis]:
    memory = broker.client.info("memory")
    policy = memory.get("maxmemory_policy", NO_EVICTION)
    if policy == NO_EVICTION:
        return
    message = _("Redis may evict keys (maxmemory-policy %(policy)s), the queue among them.") % {
        "policy": policy
    }
    fix = _("Set maxmemory-policy noeviction, or give Signalbox a Redis of its own.")
    yield Diagnosis("broker", "warning", message, fix, {"maxmemory": memory.get("maxmemory", 0)})
