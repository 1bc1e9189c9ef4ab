"""Several maintenance windows over one workflow, and windows whose end changes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections

from audit.models import AuditEvent
from runs.engine.maintenance import keep_windows
from tests.factories import make_workflow
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.windows import make_current
from workflows.models import MaintenanceWindow, WindowPause, Workflow
from workflows.services.maintenance import Plan, change_window, end_window

pytestmark = pytest.mark.django_db(transaction=True)


def status_of(workflow: Workflow) -> str:
    return Workflow.objects.get(pk=workflow.pk).status


def outcome(window: MaintenanceWindow, workflow: Workflow) -> tuple[str, str]:
    row = WindowPause.objects.get(window=window, workflow=workflow)
    return row.outcome, row.why


@pytest.mark.parametrize("first_ends", [1, 3])
def test_of_two_windows_the_last_to_end_resumes(first_ends: float) -> None:
    flow = make_workflow()
    first = make_current("First", ends=first_ends)
    keep_windows()
    second = make_current("Second", ends=2)
    keep_windows()
    last, earlier = (second, first) if first_ends < 2 else (first, second)
    now = Workflow.objects.get(pk=flow.pk)
    assert (now.resume_expected_at, now.reason) == (last.ends_at, f"maintenance window: {last.title}")

    end_window(earlier.pk)
    assert (keep_windows(), status_of(flow)) == (0, "paused")
    assert outcome(earlier, flow) == ("handed_on", last.title)

    end_window(last.pk)
    assert (keep_windows(), status_of(flow)) == (1, "active")
    assert outcome(last, flow) == ("resumed", "")


def test_the_last_of_two_ended_early_gives_the_end_back_to_the_other() -> None:
    flow, first = make_workflow(), make_current("First", ends=1)
    keep_windows()
    second = make_current("Second", ends=2)
    keep_windows()
    end_window(second.pk)
    keep_windows()

    now = Workflow.objects.get(pk=flow.pk)
    assert (now.status, now.reason, now.resume_expected_at) == (
        "paused", "maintenance window: First", first.ends_at,
    )  # fmt: skip


@pytest.mark.parametrize("hours", [-0.5, 3])
def test_another_end_is_told_to_what_it_paused(hours: float) -> None:
    flow, window = make_workflow(), make_current()
    keep_windows()
    plan = Plan(window.title, window.starts_at, window.ends_at, "UTC", list(window.scopes.all()))
    moved = replace(plan, ends_at=window.ends_at + timedelta(hours=hours))
    change_window(window.pk, moved)

    keep_windows()

    assert Workflow.objects.get(pk=flow.pk).resume_expected_at == moved.ends_at
    assert WindowPause.objects.get().until == moved.ends_at
    before = AuditEvent.objects.count()
    keep_windows()
    assert AuditEvent.objects.count() == before


def one_round(_number: int) -> int:
    try:
        return keep_windows()
    finally:
        connections.close_all()


def test_schedulers_beside_each_other_do_everything_once() -> None:
    flows, window = [make_workflow() for _ in range(6)], make_current()
    with ThreadPoolExecutor(3) as schedulers:
        assert sum(schedulers.map(one_round, range(3))) == len(flows)
        end_window(window.pk)
        assert sum(schedulers.map(one_round, range(3))) == len(flows)

    for event in ("Workflow paused", "Workflow resumed"):
        assert AuditEvent.objects.filter(event=event).count() == len(flows)
    assert {status_of(flow) for flow in flows} == {"active"}
    assert {row.outcome for row in window.pauses.all()} == {"resumed"}
