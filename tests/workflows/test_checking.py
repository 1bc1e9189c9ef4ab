"""The check list with what the database knows."""

import pytest

from tests.factories import make_connection, make_scope, workspace
from tests.workflows.services.material import TRIGGERS, active, imported
from workflows import checking, services
from workflows.lifecycle import GuardRefused
from workflows.models import Version, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

CALL = [
    {
        "id": "call",
        "kind": "http_request",
        "method": "GET",
        "connection": "crm",
        "path": "/",
        "timeout": "PT5S",
        "retry": {"tries": 2},
    }
]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def codes(workflow: Workflow, level: str = "") -> set[str]:
    fresh = Workflow.objects.select_related("scope", "draft", "published").get(pk=workflow.pk)
    findings = checking.check_workflow(fresh).findings
    return {finding.code for finding in findings if level in ("", finding.level)}


def test_a_connection_that_is_missing_is_an_error_and_one_that_is_there_is_not() -> None:
    workflow = imported(steps=CALL)
    missing = codes(workflow, "error")

    make_connection("crm")

    assert len(missing) == 1
    assert codes(workflow, "error") == set()


def test_a_connection_without_its_secret_is_an_error() -> None:
    make_connection("crm", auth="bearer")

    assert len(codes(imported(steps=CALL), "error")) == 1


def test_a_connection_of_another_scope_counts_as_missing() -> None:
    make_connection("crm", scope=make_scope("hub:perth"))

    assert len(codes(imported(steps=CALL), "error")) == 1


def test_a_signed_webhook_needs_its_secret() -> None:
    workflow = imported(triggers=[TRIGGERS[0]])
    without = codes(workflow, "error")

    services.rotate_trigger_secret(workflow.pk, "form")

    assert len(without) == 1
    assert codes(workflow, "error") == set()


def test_a_start_in_the_workspace_is_warned_about_only_the_first_time() -> None:
    workflow = imported()
    first = codes(workflow)
    services.run(workflow.pk, accept_warnings=True)

    assert first - codes(workflow) == {"workspace_wide_start"}


def test_the_last_test_counts_for_the_content_it_tested() -> None:
    workflow = imported()
    version = workflow.draft

    def tested(outcome: str) -> set[str]:
        Version.objects.filter(pk=version.pk).update(test_outcome=outcome, tested_hash=version.content_hash)
        return codes(workflow)

    assert "never_tested" in codes(workflow)
    assert not {"never_tested", "test_failed"} & tested("success")
    assert "test_failed" in tested("failed")


def test_a_workflow_that_a_step_starts_must_be_inside_the_scope() -> None:
    make_scope("hub:sydney")
    starter = imported("Starter", steps=[{"id": "go", "kind": "start_workflow", "workflow": "Other"}])
    missing = codes(starter, "error")

    active("Other", scope="hub:sydney")

    assert len(missing) == 1
    assert codes(starter, "error") == set()


def test_guard_lets_warnings_pass_only_when_accepted() -> None:
    workflow = imported()

    with pytest.raises(GuardRefused) as refused:
        checking.guard(workflow)

    assert checking.guard(workflow, accept_warnings=True).ok
    assert refused.value.findings[0].keys() == {"level", "code", "path", "message", "fix"}


def test_guard_never_lets_errors_pass() -> None:
    with pytest.raises(GuardRefused):
        checking.guard(imported(triggers=[], steps=[]), accept_warnings=True)


def test_a_stored_definition_that_no_longer_reads_is_told_and_not_a_crash() -> None:
    workflow = imported()
    workflow.draft.definition = '{"format": "signalbox/0"}'
    workflow.draft.save()

    result = checking.check_workflow(workflow)

    assert not result.ok


def test_the_typical_duration_comes_from_whoever_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    every_minute = [{"id": "tick", "kind": "schedule", "every": "PT1M", "timezone": "UTC"}]
    workflow = imported(triggers=every_minute)
    before = codes(workflow)
    monkeypatch.setattr(checking, "_typical_duration", [lambda _workflow: 600.0])

    assert len(codes(workflow) - before) == 1
