"""`manage.py runs`: the verbs on runs."""

import pytest
from django.utils import timezone

from runs.models import Run
from tests.factories import make_run, workspace
from tests.workflows.commands.terminal import runs
from tests.workflows.services.material import active, events, events_after
from workflows import services
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

SHAPE = {
    "id", "workflow", "workflow_name", "version", "status", "reason", "trigger", "trigger_id", "test",
    "delivery_id", "replay_of", "received_at", "started_at", "ended_at", "due_at", "error",
}  # fmt: skip


@pytest.fixture
def workflow(db: None) -> Workflow:
    workspace()
    return active()


def closed(workflow: Workflow, **changes) -> Run:
    now = timezone.now()
    given = {"status": "success", "due_at": None, "started_at": now, "ended_at": now}
    return make_run(workflow, **{**given, **changes})


@pytest.mark.parametrize("given", ["nonsense", "00000000-0000-7000-8000-000000000000"])
@pytest.mark.parametrize("verb", ["show", "cancel", "kill", "replay", "release", "discard"])
def test_an_unknown_run_is_refused(workflow: Workflow, verb: str, given: str) -> None:
    result = runs(verb, given)

    assert (result.code, result.error["code"]) == (1, "not_found")


def test_cancel_ends_a_run_that_nobody_executes(workflow: Workflow) -> None:
    run = make_run(workflow)
    before = len(events())

    result = runs("cancel", run.pk)

    assert (result.code, result.document["changed"]) == (0, True)
    assert (result.document["run"]["id"], result.document["run"]["status"]) == (str(run.pk), "cancelled")
    assert events_after(before) == ["Run cancelled"]


def test_kill_closes_a_running_run(workflow: Workflow) -> None:
    run = make_run(workflow, status="running", started_at=timezone.now())
    before = len(events())

    result = runs("kill", run.pk)

    assert (result.document["run"]["status"], result.document["run"]["reason"]) == ("cancelled", "killed")
    assert events_after(before) == ["Run killed"]


@pytest.mark.parametrize("verb", ["cancel", "kill", "release", "discard"])
def test_a_closed_run_gives_nothing_to_do(workflow: Workflow, verb: str) -> None:
    run = closed(workflow)
    before = len(events())

    result = runs(verb, run.pk)

    assert (result.code, result.document["changed"]) == (0, False)
    assert result.document["message"].startswith("Nothing to do")
    assert result.document["run"]["status"] == "success"
    assert events_after(before) == []


def test_replay_answers_with_the_new_run(workflow: Workflow) -> None:
    old = closed(workflow, status="failed", error_step="greet")

    result = runs("replay", old.pk, "--payload", '{"fixed": true}')

    row = result.document["run"]
    assert (row["replay_of"], row["status"]) == (str(old.pk), "pending")
    assert runs("show", row["id"]).document["input"]["data"] == {"fixed": True}


def test_replay_of_an_open_run_is_refused(workflow: Workflow) -> None:
    result = runs("replay", make_run(workflow).pk)

    assert (result.code, result.error["code"]) == (1, "not_possible_now")


def test_replay_with_an_unreadable_payload_is_wrong_usage(workflow: Workflow) -> None:
    assert runs("replay", closed(workflow).pk, "--payload", "{").code == 2


def test_release_and_discard_of_held_triggers(workflow: Workflow) -> None:
    kept, dropped = make_run(workflow, status="held"), make_run(workflow, status="held")

    released = runs("release", kept.pk)
    discarded = runs("discard", dropped.pk)

    assert (released.document["run"]["id"], released.document["run"]["status"]) == (str(kept.pk), "pending")
    assert discarded.document["run"]["status"] == "skipped"


def test_release_while_paused_is_refused(workflow: Workflow) -> None:
    services.pause(workflow.pk, reason="maintenance")

    result = runs("release", make_run(workflow, status="held").pk)

    assert (result.code, result.error["code"]) == (1, "not_possible_now")


def test_decide_settles_an_unknown_outcome(workflow: Workflow) -> None:
    run = make_run(workflow, status="needs_decision", started_at=timezone.now())
    before = len(events())

    result = runs("decide", run.pk, "--as", "repeat")

    assert (result.code, result.document["changed"]) == (0, True)
    assert events_after(before) == ["Run decided"]


def test_several_runs_have_an_answer_each(workflow: Workflow) -> None:
    first, second = make_run(workflow), closed(workflow)

    result = runs("cancel", first.pk, second.pk)

    assert (result.code, result.document["changed"]) == (0, True)
    assert [(one["id"], one["changed"]) for one in result.document["results"]] == [
        (str(first.pk), True),
        (str(second.pk), False),
    ]


def test_several_runs_go_on_after_a_refusal_and_end_with_one(workflow: Workflow) -> None:
    first, last = closed(workflow), closed(workflow)

    result = runs("replay", first.pk, "nonsense", last.pk)

    assert result.code == 1
    assert [one["changed"] for one in result.document["results"]] == [True, False, True]
    assert result.document["results"][1]["error"]["code"] == "not_found"
    assert Run.objects.filter(replay_of__in=[first, last]).count() == 2
