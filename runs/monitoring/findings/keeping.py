"""Findings opened, renewed and closed: one transaction for each workflow, the notice in it."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from config.ids import id_at
from runs.models import Finding, FindingState, Run
from runs.monitoring.detecting.judging import is_over
from runs.monitoring.detecting.verdicts import Kind, Verdict
from runs.monitoring.findings import wording
from workflows.models import NoticeKind, Status, Workflow
from workflows.services import notices

GONE, NOT_RUNNING, PAUSED = "gone", "not_running", "paused"
NEED_TRIGGERS: Final = (Kind.SPIKE, Kind.SILENCE)
"""What is said about triggers that come ends with a pause; failures and durations may go on after it."""


def settle(
    workflow: Workflow, verdicts: Iterable[Verdict], *, now: datetime, standing: Collection[Finding]
) -> int:
    """Make the workflow's findings agree with what was judged at `now`; gives how many were opened or closed.

    `standing`: what was open when the round began. Safe beside another scheduler: one of a kind stands at a time.
    """
    found = {verdict.kind: verdict for verdict in verdicts}
    changed = 0
    with transaction.atomic():
        for finding in _locked(standing):
            verdict = found.pop(Kind(finding.kind), None)
            changed += _renew(finding, verdict, workflow, now)
        for verdict in found.values():
            changed += _open(workflow, verdict, now)
    return changed


def close(finding: Finding, *, because: str, now: datetime) -> int:
    """Close a finding and the incident of its notice, in the caller's transaction."""
    finding.state, finding.closed_at, finding.closed_because = FindingState.CLOSED, now, because
    finding.save(update_fields=["state", "closed_at", "closed_because"])
    notices.close(incident_of(finding))
    return 1


def incident_of(finding: Finding) -> str:
    """By which its notice is told once."""
    return f"finding:{finding.pk}"


def _locked(standing: Collection[Finding]) -> list[Finding]:
    if not standing:
        return []
    rows = Finding.objects.standing().filter(pk__in=[finding.pk for finding in standing])
    return list(rows.select_for_update())


def _renew(finding: Finding, verdict: Verdict | None, workflow: Workflow, now: datetime) -> int:
    if because := _why_closed(finding, verdict, workflow, now):
        return close(finding, because=because, now=now)
    if verdict is None:
        return 0
    finding.last_seen = now
    if verdict.score > finding.score or verdict.kind is Kind.SILENCE:
        _put(finding, verdict)
    finding.save()
    return 0


def _why_closed(finding: Finding, verdict: Verdict | None, workflow: Workflow, now: datetime) -> str:
    kind = Kind(finding.kind)
    if workflow.status == Status.PAUSED:
        return PAUSED if kind in NEED_TRIGGERS else ""
    if workflow.status != Status.ACTIVE or workflow.deleted_at:
        return NOT_RUNNING
    seen = max(finding.last_seen, workflow.activated_at or finding.last_seen)
    return GONE if verdict is None and is_over(kind, seen, now) else ""


def _open(workflow: Workflow, verdict: Verdict, now: datetime) -> int:
    stands = Finding.objects.standing().filter(workflow=workflow, kind=verdict.kind)
    if stands.exists() or (verdict.kind is Kind.SILENCE and _has_come(workflow, verdict.since)):
        return 0
    finding = Finding(
        workflow=workflow,
        scope_id=workflow.scope_id,
        kind=verdict.kind,
        since=verdict.since,
        found_at=now,
        last_seen=now,
    )
    _put(finding, verdict)
    finding.save()
    notices.raise_(
        NoticeKind.FINDING,
        incident_of(finding),
        workflow=workflow,
        title=_("%(kind)s: %(workflow)s") % {"kind": finding.get_kind_display(), "workflow": workflow.name},
        text=wording.sentence(finding),
        advice=wording.advice(finding),
        path=reverse("finding_page", args=[finding.pk]),
        facts={"finding": finding.pk, **json.loads(finding.facts)},
    )
    return 1


def _put(finding: Finding, verdict: Verdict) -> None:
    """The evidence, and the window of just the runs that it counts."""
    facts = dict(verdict.facts)
    threshold = facts.pop("threshold_ms", None)
    finding.threshold_ms = None if threshold is None else int(threshold)
    finding.window_from, finding.window_to = verdict.since, verdict.until
    finding.score, finding.observed, finding.expected = verdict.score, verdict.observed, verdict.expected
    finding.facts = json.dumps(facts)


def _has_come(workflow: Workflow, since: datetime) -> bool:
    """Whether an occurrence came after all: it waits, is under way, or was skipped."""
    return Run.objects.filter(workflow=workflow, is_test=False, pk__gte=id_at(since)).exists()
