"""The audit trail as tests read it."""

from audit.models import AuditEvent


def newest() -> int:
    """The number of the last event, or 0."""
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def since(number: int) -> list[str]:
    """The words of what came after an event, oldest first."""
    return list(AuditEvent.objects.filter(pk__gt=number).order_by("pk").values_list("event", flat=True))
