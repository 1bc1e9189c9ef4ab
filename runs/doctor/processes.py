"""Whether somebody works and somebody schedules."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from runs.doctor.diagnosis import Diagnosis
from runs.engine import heartbeat


def alive() -> Iterator[Diagnosis]:
    """Workers and schedulers, by their heartbeats."""
    for kind, role in (("worker", _("worker")), ("scheduler", _("scheduler"))):
        count = heartbeat.alive(kind)
        numbers = {"alive": count}
        if count:
            message = _("%(count)d %(role)s alive.") % {"count": count, "role": role}
            yield Diagnosis(kind, "ok", message, numbers=numbers)
        else:
            message = _("No %(role)s is alive.") % {"role": role}
            command = "up" if settings.IS_EMBEDDED else kind
            yield Diagnosis(kind, "error", message, f"manage.py {command}", numbers)
