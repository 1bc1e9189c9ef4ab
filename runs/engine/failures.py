"""Keeping the failure rules: workflows that fail too often are paused, or their people warned. Asked in the background.

A rule is asked when a run has failed lately, never because time passed; and once more under the workflow's lock, where
Pause stands too: any number of schedulers pause once.
"""

import time
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, Q

from audit import context
from audit.services import change
from audit.verbs import AuditWord
from config.clock import stamp
from runs import failure_rule
from runs.engine.isolation import one_by_one
from runs.failure_rule import Broken
from runs.models import Run, RunStatus
from workflows.lifecycle import Status
from workflows.models import Notice, NoticeKind, Workflow
from workflows.notices import wording
from workflows.services import notices
from workflows.services.acting import WorkflowGone, lock
from workflows.services.pausing import pause

RULE: Final = context.Actor("rule", "failure-rule", "Failure rule")
FIRST_LOOK: Final = timedelta(days=1)
COMMITTED_LATE: Final = timedelta(seconds=60)
"""Ends are stamped before they are committed: a look goes back so far beyond the look before."""
SHARE_OF_TIME: Final = 20
"""A look that took a second is not repeated for twenty: rules cost at most a twentieth of a thread."""


class Watch:
    """One scheduler's looks at failures: since when it has not looked, and until when it rests."""

    def __init__(self) -> None:
        self.seen: datetime | None = None
        self.rests_until = 0.0

    def look(self) -> int:
        """One round; gives how many workflows were paused or warned of. A restart looks back over a day."""
        if time.monotonic() < self.rests_until:
            return 0
        begun, moment = time.monotonic(), stamp()
        since = min(self.seen or moment - FIRST_LOOK, moment) - COMMITTED_LATE
        with context.acting(RULE, origin="system"):
            count = one_by_one(failing_since(since), keep_rule)
            one_by_one(_warnings_to_end(moment), _end_warning)
        self.seen = moment
        self.rests_until = begun + SHARE_OF_TIME * (time.monotonic() - begun)
        return count


_watch = Watch()


def watch() -> int:
    """This process's next look."""
    return _watch.look()


def failing_since(moment: datetime) -> list[int]:
    """The keys of Active workflows of which a production run failed since; one look into an index for each."""
    failed = Run.objects.filter(
        workflow=OuterRef("pk"), ended_at__gte=moment, status=RunStatus.FAILED, is_test=False
    )
    active = Workflow.objects.standing().filter(status=Status.ACTIVE)
    return list(active.filter(Exists(failed)).values_list("pk", flat=True))


def keep_rule(pk: int) -> bool:
    """Pause, or warn of, one workflow if its rule is broken. True when this call did it."""
    standing = Workflow.objects.standing().select_related("published").filter(pk=pk).first()
    if standing is None or _judged(standing) is None:
        return False
    try:
        with change():
            workflow = lock(pk)
            broken = _judged(workflow)
            return broken is not None and _act(workflow, broken)
    except WorkflowGone:
        return False


def _judged(workflow: Workflow) -> Broken | None:
    rule = failure_rule.rule_of(workflow)
    if rule is None or workflow.status != Status.ACTIVE:
        return None
    return failure_rule.judge(workflow, rule, stamp())


def _act(workflow: Workflow, broken: Broken) -> bool:
    if broken.limit.action == "pause":
        done = pause(
            workflow.pk,
            reason=broken.reason,
            category="failures",
            word=AuditWord.WORKFLOW_PAUSED_BY_RULE,
            evidence=broken.evidence(),
        )
        return done.changed
    said = wording.failing(workflow, broken.sentence)
    told = notices.raise_(
        NoticeKind.FAILURE_RULE,
        _incident(workflow.pk),
        workflow=workflow,
        title=said.title,
        text=said.text,
        advice=said.advice,
        facts=broken.evidence(),
    )
    return told is not None


def _warnings_to_end(moment: datetime) -> list[int]:
    """Workflows whose warning may be over: begun anew since, or warned of longer ago than a minute."""
    open_ones = Notice.objects.filter(kind=NoticeKind.FAILURE_RULE, closed_at=None)
    anew = Q(workflow__activated_at__gt=F("raised_at")) | Q(
        workflow__published__published_at__gt=F("raised_at")
    )
    due = open_ones.filter(
        anew | Q(raised_at__lt=moment - timedelta(minutes=1)), workflow__status=Status.ACTIVE
    )
    return list(due.values_list("workflow_id", flat=True))


def _end_warning(pk: int) -> bool:
    """Close a warning that no longer holds, at the earliest when its window has passed: it warns again then."""
    workflow = Workflow.objects.standing().select_related("published").filter(pk=pk).first()
    notice = Notice.objects.filter(incident=_incident(pk), closed_at=None).first()
    if workflow is None or notice is None:
        return False
    rule = failure_rule.rule_of(workflow)
    is_anew = failure_rule.counts_since(workflow) > notice.raised_at
    if rule is not None and not is_anew:
        moment = stamp()
        if notice.raised_at > moment - rule.window or failure_rule.judge(workflow, rule, moment):
            return False
    return notices.close(_incident(pk))


def _incident(pk: int) -> str:
    # The one under which a pause by the rule is told too (workflows/notices/telling.py): the one ends the other.
    return f"{NoticeKind.FAILURE_RULE}:{pk}"
