"""What must always hold, checked after each operation of the state machine on the real database."""

import json
from itertools import pairwise
from typing import Any

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, invariant

from audit.models import AuditEvent
from audit.verify import verify
from runs.models import CLOSED, Run
from runs.monitoring import checking
from tests.factories import workspace
from workflows.lifecycle import STATUS_WAYS
from workflows.models import Version, Workflow

# What a run's row says for ever once it is closed.
FROZEN = ("status", "reason", "started_at", "ended_at", "error", "output", "version_id", "workflow_id")


class Promises(RuleBasedStateMachine):
    """One life in one transaction, which is rolled back at its end. What was seen before is kept beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        workspace()
        self.statuses: dict[int, str] = {}
        self.revisions: dict[int, int] = {}
        self.closed: dict[Any, tuple[Any, ...]] = {}
        self.started: set[Any] = set()
        self.sealed: dict[int, str] = {}

    def teardown(self) -> None:
        try:
            assert verify().ok
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    @invariant()
    def status_changes_only_along_the_table(self) -> None:
        for workflow in Workflow.objects.all():
            before = self.statuses.get(workflow.pk, workflow.status)
            path = AuditEvent.objects.filter(subject_kind="workflow", subject_id=str(workflow.pk)).order_by(
                "id"
            )
            steps = [(json.loads(e.before).get("status"), json.loads(e.after).get("status")) for e in path]
            changes = [step for step in steps if step != (None, None)]
            assert changes[0] == (None, "draft"), "the creation"
            assert all(step in STATUS_WAYS for step in changes[1:])
            assert before == workflow.status or changes[-1][1] == workflow.status, path.last()
            self.statuses[workflow.pk] = workflow.status

    @invariant()
    def every_change_has_its_event(self) -> None:
        for workflow in Workflow.objects.all():
            before = self.revisions.get(workflow.pk, workflow.revision)
            since = AuditEvent.objects.filter(subject_id=str(workflow.pk), subject_kind="workflow").count()
            assert workflow.revision == before or since > 0
            self.revisions[workflow.pk] = workflow.revision
            newest = workflow.history.first()
            assert (newest.status, newest.revision, newest.name) == (
                workflow.status,
                workflow.revision,
                workflow.name,
            )
        assert (
            not AuditEvent.objects.filter(event="Changed outside the services")
            .exclude(origin="system")
            .exists()
        )

    @invariant()
    def no_run_starts_while_not_active(self) -> None:
        for run in (
            Run.objects.filter(started_at__isnull=False)
            .exclude(pk__in=self.started)
            .select_related("workflow")
        ):
            self.started.add(run.pk)
            assert run.passes_gate or run.is_test or run.workflow.status == "active", (
                run.status,
                run.workflow.status,
            )

    @invariant()
    def closed_runs_never_change(self) -> None:
        for row in Run.objects.filter(status__in=CLOSED).values_list("pk", *FROZEN):
            assert self.closed.setdefault(row[0], row) == row
        assert Run.objects.filter(pk__in=self.closed).exclude(status__in=CLOSED).count() == 0

    @invariant()
    def open_runs_have_a_reason_to_be_open(self) -> None:
        assert (
            not Run.objects.filter(status__in=["pending", "waiting"], due_at=None)
            .exclude(reason="child")
            .exists()
        )
        assert not Run.objects.filter(status="running", lease_until=None).exists()
        assert not Run.objects.filter(status="held", reason="").exists()

    @invariant()
    def published_definitions_never_change(self) -> None:
        for pk, content in Version.objects.exclude(state="draft").values_list("pk", "content_hash"):
            assert self.sealed.setdefault(pk, content) == content

    @invariant()
    def figures_equal_a_recount(self) -> None:
        found = checking.verify()
        assert found.is_exact, found.differences

    @invariant()
    def spans_tell_the_present_status(self) -> None:
        for workflow in Workflow.objects.all():
            spans = list(workflow.spans.order_by("since", "pk"))
            assert (spans[-1].status, spans[-1].until) == (workflow.status, None)
            assert all(one.until == other.since for one, other in pairwise(spans))
            assert spans[0].since == workflow.created_at
