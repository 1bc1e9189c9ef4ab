"""Making maintenance windows in tests."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.factories import workspace
from workflows.models import MaintenanceWindow
from workflows.services.maintenance import Plan, create_window


def plan(title: str = "CRM upgrade", *, begins: float = 1, ends: float = 2, **changes: Any) -> Plan:
    """A plan that begins and ends in so many hours, on the minute."""
    now = timezone.now().replace(second=0, microsecond=0)
    times = {"starts_at": now + timedelta(hours=begins), "ends_at": now + timedelta(hours=ends)}
    return Plan(title=title, **{"zone": "UTC", "scopes": [workspace()], **times, **changes})


def make_window(title: str = "CRM upgrade", **changes: Any) -> MaintenanceWindow:
    return create_window(plan(title, **changes))[1]


def make_current(title: str = "CRM upgrade", **changes: Any) -> MaintenanceWindow:
    return make_window(title, **{"begins": -1, "ends": 1, **changes})


def let_pass(window: MaintenanceWindow) -> None:
    """Bring its end about, for it and for the pauses that it made, without telling anybody."""
    ended = timezone.now() - timedelta(seconds=1)
    rows = window.pauses.filter(closed_at=None, until=window.ends_at)
    for row in rows.select_related("workflow"):
        row.workflow.resume_expected_at = ended
        row.workflow.save()
    rows.update(until=ended)
    MaintenanceWindow.objects.filter(pk=window.pk).update(starts_at=ended - timedelta(hours=1), ends_at=ended)
