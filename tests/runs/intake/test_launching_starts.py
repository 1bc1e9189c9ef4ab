"""Starting as a watched launch: limits that are possible, warnings, and what is recorded."""

import json
from decimal import Decimal
from typing import Any

import pytest

from audit.models import AuditEvent
from tests.factories import make_scope
from tests.runs.engine.driving import workflow_of
from tests.runs.intake.firings import place
from workflows import checking, services
from workflows.documents import workflow_document
from workflows.launch import Launch
from workflows.lifecycle import Status, ValueRefused
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.mark.parametrize(
    ("limit", "field"),
    [
        ({"first": 0}, "first"),
        ({"first": 1_000_001}, "first"),
        ({"share": "0"}, "share"),
        ({"share": "1"}, "share"),
        ({"share": "NaN"}, "share"),
        ({"first": 1, "only_scope": "hub:a"}, "launch"),
    ],
)
def test_limits_out_of_range_are_refused(limit: dict[str, Any], field: str) -> None:
    given = {**limit, **({"share": Decimal(limit["share"])} if "share" in limit else {})}
    with pytest.raises(ValueRefused) as refused:
        services.launch_of(**given)
    assert refused.value.findings[0]["path"] == field


@pytest.mark.parametrize(
    ("ref", "code"), [("hub:nowhere", "scope_not_inside"), ("workspace", "scope_not_inside")]
)
def test_launch_by_a_scope_that_is_not_inside_is_refused(ref: str, code: str) -> None:
    workflow = place(Status.NOT_RUNNING)
    with pytest.raises(ValueRefused) as refused:
        services.run(workflow.pk, accept_warnings=True, launch=Launch("scope", scope=ref))
    assert refused.value.findings[0]["code"] == code
    assert Workflow.objects.get(pk=workflow.pk).status == "not_running"


def test_launch_by_scope_needs_an_event_trigger() -> None:
    make_scope("hub:sydney")
    workflow = workflow_of({"id": "a", "kind": "set", "values": {"x": 1}}, status="not_running")
    with pytest.raises(ValueRefused) as refused:
        services.run(workflow.pk, accept_warnings=True, launch=Launch("scope", scope="hub:sydney"))
    assert refused.value.findings[0]["code"] == "no_event_trigger"


def test_launch_answers_the_warning_about_a_workspace_wide_start() -> None:
    workflow = place(Status.NOT_RUNNING, first_started_at=None)
    workflow.first_started_at = None
    workflow.save()
    codes = {finding.code for finding in checking.check_workflow(workflow).warnings}
    limited = {finding.code for finding in checking.check_workflow(workflow, is_limited=True).warnings}
    assert codes - limited == {"workspace_wide_start"}


def test_start_says_its_limit_in_the_audit_log_and_the_document() -> None:
    workflow = place(Status.NOT_RUNNING)
    done = services.run(workflow.pk, accept_warnings=True, launch=Launch("first", 20))
    event = AuditEvent.objects.order_by("-id")[0]
    assert (event.event, json.loads(event.after)["launch"]) == ("Workflow activated", "first 20")
    assert workflow_document(done.workflow)["launch"] == "first 20"
