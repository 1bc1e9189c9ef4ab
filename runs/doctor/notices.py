"""Whether notices leave."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _

from config.clock import stamp
from runs.doctor.diagnosis import Diagnosis
from workflows.models import NoticeDelivery

LATE = timedelta(minutes=15)
DAY = timedelta(days=1)


def leave() -> Iterator[Diagnosis]:
    """Deliveries that nobody tried in time, and those of the last day that failed for good."""
    now = stamp()
    late = NoticeDelivery.objects.filter(state=NoticeDelivery.State.PENDING, due_at__lt=now - LATE).count()
    failed = NoticeDelivery.objects.filter(
        state=NoticeDelivery.State.FAILED, notice__raised_at__gte=now - DAY
    ).count()
    numbers = {"late": late, "failed": failed}
    if late:
        message = _("%(n)d notices should have left over 15 minutes ago.") % {"n": late}
        yield Diagnosis("notices", "warning", message, _("Start a scheduler; look into its log."), numbers)
    if failed:
        message = _("%(n)d notices of the last day reached nobody.") % {"n": failed}
        fix = _("Look at /settings/notifications/ for the reasons, mend them, and send again.")
        yield Diagnosis("notices", "warning", message, fix, numbers)
    if not late and not failed:
        yield Diagnosis("notices", "ok", _("All notices have left."), numbers=numbers)
