"""The notice of a schedule that was set aside, and its end."""

from django.utils.translation import gettext as _

from runs.models import Schedule
from workflows.models import NoticeKind
from workflows.services import notices


def tell_set_aside(pk: int) -> None:
    """Tell that a schedule fires no more, in the transaction that set it aside."""
    row = Schedule.objects.select_related("trigger__workflow__published", "trigger__workflow__scope").get(
        pk=pk
    )
    workflow = row.trigger.workflow
    words = {"name": workflow.name, "trigger": row.trigger.trigger_id}
    notices.raise_(
        NoticeKind.SCHEDULE_SET_ASIDE,
        _incident(pk),
        workflow=workflow,
        title=_("%(name)s: schedule %(trigger)s was set aside") % words,
        text=row.set_aside,
        advice=_(
            "Mend the schedule and publish, or stop and start the workflow. Until then it does not fire."
        ),
    )


def close_set_aside(pk: int) -> None:
    """The schedule is armed anew, or watched no more."""
    notices.close(_incident(pk))


def _incident(pk: int) -> str:
    return f"{NoticeKind.SCHEDULE_SET_ASIDE}:{pk}"
