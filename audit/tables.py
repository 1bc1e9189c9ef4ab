"""The table of the audit log."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEvent
from config.web.tables import FragmentColumn, MomentColumn, Table, tables


def _address(record: AuditEvent) -> str:
    return reverse("audit:event", args=[record.pk])


class EventTable(Table):
    """Newest first; each row unfolds to its values and its correlation id."""

    caption = _("Audit log")
    row_header = "event"
    row_prefix = "event"

    event = tables.Column(_("Event"), linkify=_address)
    time = MomentColumn(_("Time"), precision="millisecond")
    actor_label = tables.Column(_("Actor"))
    subject_label = tables.Column(_("Subject"))
    change = FragmentColumn("audit/_change.html", _("Change"))
    reason = tables.Column(_("Reason"))
    origin = tables.Column(_("Origin"))

    class Meta(Table.Meta):
        pass
