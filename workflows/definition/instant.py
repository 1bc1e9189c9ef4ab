"""Which definitions are instant: their runs may be claimed, computed and closed many at once."""

from workflows.definition.models import Definition
from workflows.definition.walk import places
from workflows.steps.base import kind_of
from workflows.triggers.schedule import ScheduleTrigger


def is_instant(definition: Definition) -> bool:
    """Whether every step only computes and nothing limits when or how many runs may start."""
    limits = definition.settings
    if limits.max_running is not None or limits.starts_per_minute is not None:
        return False
    return all(kind_of(place.step).is_instant for place in places(definition.steps))


def queues(definition: Definition, trigger_id: str) -> bool:
    """Whether a trigger's runs go one after the other: those of a schedule with overlap "queue"."""
    rule = next((trigger for trigger in definition.triggers if trigger.id == trigger_id), None)
    return isinstance(rule, ScheduleTrigger) and rule.overlap == "queue"
