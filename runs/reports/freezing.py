"""Reports made once and kept: by the scheduler when a period is over, or sooner by command."""

import json
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError
from django.utils.translation import gettext as _

from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from runs.models import Report, ReportKind, ReportSubscription
from runs.monitoring.checking import is_due
from runs.monitoring.windows import workspace_zone
from runs.reports.document import Document, Material, document_of
from runs.reports.periods import Period, last_over
from runs.reports.text import text_of
from workflows.lifecycle import Refusal
from workflows.models import NoticeKind, Scope
from workflows.services import notices
from workflows.services.entering import actor_label

SETTLED: Final = timedelta(minutes=15)
"""After a period's end its last runs are surely committed."""
PATH: Final = "/automations/reports/%s/"


class NotOver(Refusal):
    """The period is not over, so its report cannot be frozen yet."""

    code = "not_over"


def make(kind: ReportKind, period: Period, scope: Scope) -> tuple[bool, Report]:
    """The report of a period that is over: the kept one, or made now and kept for good. Raises NotOver."""
    known = Report.objects.filter(kind=kind, period=period.name, scope=scope).select_related("scope").first()
    if known is not None:
        return False, known
    zone, moment = workspace_zone(), stamp()
    material = Material(period, scope, zone)
    if material.window.end > moment:
        raise NotOver(_("%(period)s is not over yet.") % {"period": period.name})
    document = document_of(material, moment=moment, is_final=True)
    try:
        with change():
            return True, _keep(material, document, moment)
    except IntegrityError:
        # Two at once: the other's stands.
        return False, Report.objects.select_related("scope").get(kind=kind, period=period.name, scope=scope)


def so_far(period: Period, scope: Scope) -> Document:
    """What a period that goes on would say now; nothing is kept. Raises NotOver for one that has not begun."""
    material, moment = Material(period, scope, workspace_zone()), stamp()
    if material.window.start > moment:
        raise NotOver(_("%(period)s has not begun yet.") % {"period": period.name})
    return document_of(material, moment=moment, is_final=False)


def make_due(*, limit: int = 20) -> int:
    """Make what is due and not made: of each scope in which something ran. Gives how many; safe beside others."""
    moment, zone, made = stamp(), workspace_zone(), 0
    if is_due():
        # Figures are being counted for the first time, or for another zone.
        return 0
    for kind in ReportKind:
        period = last_over(kind, moment - SETTLED, zone)
        for scope in _without(kind, period):
            if made == limit:
                return made
            if not Material(period, scope, zone).is_empty:
                made += make(kind, period, scope)[0]
    return made


def _without(kind: ReportKind, period: Period) -> list[Scope]:
    done = Report.objects.filter(kind=kind, period=period.name)
    return list(Scope.objects.exclude(pk__in=done.values("scope_id")).order_by("pk"))


def _keep(material: Material, document: Document, moment: datetime) -> Report:
    report = Report.objects.create(
        kind=material.period.kind,
        period=material.period.name,
        scope=material.scope,
        starts_at=material.window.start,
        ends_at=material.window.end,
        zone=str(material.zone),
        made_at=moment,
        made_by=actor_label(),
        document=json.dumps(document),
    )
    _send(report, document)
    subject = Subject("report", str(report.pk), f"{report.kind} {report.period}", report.scope_id)
    record(AuditWord.REPORT_MADE, subject, after=_facts(report))
    return report


def _send(report: Report, document: Document) -> None:
    """Put it on its way to its subscribers; none, no notice."""
    subscribed = ReportSubscription.objects.filter(kind=report.kind, scope=report.scope)
    recipients = list(subscribed.values_list("recipient", flat=True))
    if recipients:
        title, text = text_of(document)
        notices.raise_for(
            recipients,
            NoticeKind.REPORT,
            f"{NoticeKind.REPORT}:{report.pk}",
            scope=report.scope,
            title=title,
            text=text,
            path=PATH % report.pk,
        )


def _facts(report: Report) -> dict[str, Any]:
    return {"kind": report.kind, "period": report.period, "scope": report.scope.ref}


def next_due(kind: ReportKind, zone: ZoneInfo | None = None) -> datetime:
    """When the next report of a kind is made."""
    zone = zone or workspace_zone()
    present = Period.holding(kind, stamp().astimezone(zone).date())
    return present.window(zone).end + SETTLED
