"""R24: the automatic resume acts once, and only after its checks."""

import time
from datetime import timedelta
from typing import Any

from audit.models import AuditEvent
from config.clock import stamp
from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Flow, Rig
from tests.chaos.rows.gates import STEPS
from tests.chaos.trials import in_time
from workflows import services
from workflows.models import Workflow
from workflows.services.connections import create_connection
from workflows.services.scopes import ensure_workspace


@row("R24", "Automatic resume acts once, after checks", first=5, full=100,
     fault="3 schedulers, killed when the time has come; every fifth time a check that fails")  # fmt: skip
def automatic_resume(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="from the time that was set to the resume")
    rig.staff(3 if rig.stack.is_embedded else 1, schedulers=3)
    for number in range(trials):
        outcome.add(1, *resumes_once(rig, fails=number % 5 == 4))
    outcome.failures += rig.breaches()
    return outcome


def resumes_once(rig: Rig, *, fails: bool) -> tuple[list[str], float]:
    flow = rig.flow("Timer", asks_crm(rig) if fails else STEPS[0])
    expected = stamp() + timedelta(seconds=0.7)
    services.pause(flow.pk, reason="Chaos", until=expected, auto_resume=True)
    if not fails:
        rig.faults.arm("K16 kill first:2")
    problems = in_time(lambda: is_settled(flow), 40, "nothing came of the automatic resume")
    took = (stamp() - expected).total_seconds()
    # Long enough for every scheduler to look at it again.
    time.sleep(1.5)
    if not fails and not rig.faults.fired("K16"):
        problems.append("K16 did not fire")
    rig.faults.disarm()
    problems += overdue_told_once(rig, flow) if fails else activated_once(flow)
    services.stop(flow.pk, reason="The trial is over")
    return problems, max(0.0, took)


def asks_crm(rig: Rig) -> dict[str, Any]:
    """A step over a connection that never passes its check."""
    name = f"crm{rig.random.randrange(16**6):06x}"
    create_connection(name, base_url=rig.sink.url("500"), scope=ensure_workspace())
    return {"id": "crm", "kind": "http_request", "connection": name, "path": "/"}


def is_settled(flow: Flow) -> bool:
    workflow = Workflow.objects.get(pk=flow.pk)
    return workflow.status == "active" or bool(workflow.auto_resume_failed)


def activated_once(flow: Flow) -> list[str]:
    events = AuditEvent.objects.filter(
        subject_kind="workflow", subject_id=str(flow.pk), event="Workflow resumed"
    )
    status = Workflow.objects.get(pk=flow.pk).status
    is_right = (events.count(), status) == (1, "active")
    return [] if is_right else [f"{events.count()} activations, and it is {status}"]


def overdue_told_once(rig: Rig, flow: Flow) -> list[str]:
    workflow = Workflow.objects.get(pk=flow.pk)
    notices = rig.said(f"Workflow {flow.pk} stays paused beyond its time")
    is_right = (workflow.status, workflow.is_overdue, notices) == ("paused", True, 1)
    return (
        [] if is_right else [f"it is {workflow.status}, overdue {workflow.is_overdue}, told {notices} times"]
    )
