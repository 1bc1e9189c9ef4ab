"""What pages and bulk jobs say after a verb, with the figures of its result."""

from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflows.models import Status
from workflows.services import VerbResult


def paused_text(done: VerbResult) -> str:
    """ "Paused at 09:14:03.120 UTC. No run starts after this. 2 are finishing." """
    figures = done.figures
    parts = [_("Paused at %(at)s. No run starts after this.") % {"at": clock(figures["paused_at"])}]
    if n := figures["finishing"]:
        parts.append(ngettext("%(n)d is finishing.", "%(n)d are finishing.", n) % {"n": n})
    if n := figures["held"]:
        parts.append(ngettext("%(n)d is held.", "%(n)d are held.", n) % {"n": n})
    if n := figures["cancelled"]:
        parts.append(ngettext("%(n)d was cancelled.", "%(n)d were cancelled.", n) % {"n": n})
    return " ".join(parts)


def clock(moment: datetime) -> str:
    """ "09:14:03.120 UTC" """
    utc = moment.astimezone(UTC)
    return f"{utc:%H:%M:%S}.{utc.microsecond // 1000:03d} UTC"


def stopped_text(done: VerbResult) -> str:
    """What became of the workflow and of its runs."""
    name = {"name": done.workflow.name}
    is_archived = done.workflow.status == Status.ARCHIVED
    parts = [
        _("%(name)s is stopped and archived.") % name if is_archived else _("%(name)s is stopped.") % name
    ]
    if n := done.figures.get("cancelled"):
        parts.append(ngettext("%(n)d run was cancelled.", "%(n)d runs were cancelled.", n) % {"n": n})
    if n := done.figures.get("finishing"):
        parts.append(
            ngettext("%(n)d run ends after its present step.", "%(n)d runs end after their present step.", n)
            % {"n": n}
        )
    return " ".join(parts)


def resumed_text(done: VerbResult) -> str:
    """ "… is Active again. 40 are being released, 2 were discarded." """
    parts = [_("%(name)s is Active again.") % {"name": done.workflow.name}]
    if n := done.figures.get("released"):
        parts.append(ngettext("%(n)d is being released.", "%(n)d are being released.", n) % {"n": n})
    if n := done.figures.get("discarded"):
        parts.append(ngettext("%(n)d was discarded.", "%(n)d were discarded.", n) % {"n": n})
    if n := done.figures.get("held_by_launch"):
        parts.append(ngettext("%(n)d is held by the launch.", "%(n)d are held by the launch.", n) % {"n": n})
    if n := done.figures.get("kept"):
        parts.append(ngettext("%(n)d stays held.", "%(n)d stay held.", n) % {"n": n})
    return " ".join(parts)
