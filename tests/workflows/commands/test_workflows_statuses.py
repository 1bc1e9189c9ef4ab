"""Every verb of the table from every status, by command: done, nothing to do, or refused."""

import pytest

from runs.models import Run
from tests.factories import make_scope, workspace
from tests.workflows.commands.terminal import workflows
from tests.workflows.services.material import active, document, events, events_after, imported, other_steps
from workflows import services
from workflows.launch import Launch
from workflows.lifecycle import TRANSITIONS, Status
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

OPTIONS = {
    "run": ["--accept-warnings"],
    "pause": ["--reason", "maintenance"],
    "resume": ["--accept-warnings"],
    "change-pause": ["--reason", "another reason"],
    "stop": ["--reason", "not needed"],
    "widen": ["--to", "all"],
    "publish": ["--accept-warnings"],
    "roll-back": ["--to", "1", "--replace-draft"],
    "rename": ["--name", "New name"],
    "describe": ["--description", "new"],
    "move": ["--to", "hub:sydney"],
    "delete": ["--confirm", "Lead"],
}

EVENTS = {
    "run": ["Workflow activated"],
    "pause": ["Workflow paused"],
    "resume": ["Workflow resumed"],
    "change-pause": ["Pause changed"],
    "stop": ["Workflow stopped"],
    "widen": ["Launch widened"],
    "publish": ["Version published"],
    "discard-draft": ["Version deleted"],
    "roll-back": ["Version created"],
    "test": ["Workflow tested"],
    "trigger": ["Run started by hand"],
    "clone": ["Workflow cloned", "Version created"],
    "rename": ["Workflow renamed"],
    "describe": ["Workflow described"],
    "move": ["Workflow moved"],
    "archive": ["Workflow archived"],
    "unarchive": ["Workflow unarchived"],
    "delete": ["Workflow deleted"],
}

PUBLISHES = {("run", "draft"), ("run", "not_running")}


def standing(status: str) -> Workflow:
    """A workflow in a status; beside a published version stands a draft, and an older version lies behind."""
    workspace()
    make_scope("hub:sydney")
    workflow = imported()
    if status != Status.DRAFT:
        services.run(workflow.pk, accept_warnings=True, launch=Launch("first", 5))
        services.save_draft(workflow.pk, document(steps=other_steps("second")))
        services.publish(workflow.pk, accept_warnings=True)
        services.save_draft(workflow.pk, document(steps=other_steps("third")))
    if status == Status.PAUSED:
        services.pause(workflow.pk, reason="season")
    if status in (Status.NOT_RUNNING, Status.ARCHIVED):
        services.stop(workflow.pk, reason="season", archive=status == Status.ARCHIVED)
    workflow.refresh_from_db()
    assert workflow.status == status
    return workflow


def expectation(verb: str, status: str) -> str:
    transition = TRANSITIONS[verb]
    if status in transition.settled:
        return "settled"
    if (verb, status) == ("trigger", "paused"):
        return "refused"
    return "done" if status in transition.sources else "refused"


CASES = [(verb, status.value) for verb in TRANSITIONS for status in Status]


def test_every_verb_of_the_table_is_tried() -> None:
    assert EVENTS.keys() == TRANSITIONS.keys()


@pytest.mark.parametrize(("verb", "status"), CASES)
def test_verb_by_command(verb: str, status: str) -> None:
    workflow = standing(status)
    before, row = len(events()), Workflow.objects.filter(pk=workflow.pk).values().get()

    result = workflows(verb, workflow.pk, *OPTIONS.get(verb, []))

    expected = expectation(verb, status)
    if expected == "refused":
        assert (result.code, result.error["code"]) == (1, "not_possible_now")
    elif expected == "settled":
        assert (result.code, result.document["changed"]) == (0, False)
    else:
        assert (result.code, result.err) == (0, "")
        words = (["Version published"] if (verb, status) in PUBLISHES else []) + EVENTS[verb]
        assert events_after(before) == words
        target = TRANSITIONS[verb].target
        if target and verb != "unarchive":
            assert result.document["workflow"]["status"] == target
        return
    assert events_after(before) == []
    assert Workflow.objects.filter(pk=workflow.pk).values().get() == row
    assert not Run.objects.exists()


# The second time everything but a copy, a test and a run finds its target reached.
REPEATED = sorted(
    (verb, status)
    for verb, status in CASES
    if expectation(verb, status) == "done" and verb not in ("clone", "test", "trigger")
)


@pytest.mark.parametrize(("verb", "status"), REPEATED)
def test_verb_repeated_does_nothing(verb: str, status: str) -> None:
    workflow = standing(status)
    assert workflows(verb, workflow.pk, *OPTIONS.get(verb, [])).document["changed"] is True
    before, row = len(events()), Workflow.objects.filter(pk=workflow.pk).values().get()

    result = workflows(verb, workflow.pk, *OPTIONS.get(verb, []))

    assert (result.code, result.document["changed"]) == (0, False)
    assert result.document["message"].startswith("Nothing to do")
    assert events_after(before) == []
    assert Workflow.objects.filter(pk=workflow.pk).values().get() == row


def test_unarchive_gives_draft_to_what_was_never_published() -> None:
    workspace()
    workflow = imported()
    services.archive(workflow.pk)

    assert workflows("unarchive", workflow.pk).document["workflow"]["status"] == "draft"


def test_unarchive_gives_not_running_to_what_was_published() -> None:
    workflow = standing("archived")

    assert workflows("unarchive", workflow.pk).document["workflow"]["status"] == "not_running"


def test_unarchive_with_a_taken_name_asks_for_another() -> None:
    workflow = standing("archived")
    imported()

    refused = workflows("unarchive", workflow.pk)
    done = workflows("unarchive", workflow.pk, "--name", "Lead again")

    assert (refused.code, refused.error["findings"][0]["code"]) == (1, "name_taken")
    assert done.document["workflow"]["name"] == "Lead again"


def test_run_on_active_with_a_draft_points_to_publish() -> None:
    workflow = standing("active")

    result = workflows("run", workflow.pk, "--accept-warnings")

    assert (result.code, result.document["changed"]) == (0, False)
    assert "Publish" in result.document["message"]


def test_stop_with_archive_is_one_act_with_two_events() -> None:
    workspace()
    workflow = active()
    before = len(events())

    result = workflows("stop", workflow.pk, "--reason", "not needed", "--archive")

    assert result.document["workflow"]["status"] == "archived"
    assert events_after(before) == ["Workflow stopped", "Workflow archived"]


@pytest.mark.parametrize("verb", ["publish", "discard-draft"])
def test_without_a_draft_there_is_nothing_to_do(verb: str) -> None:
    workspace()
    workflow = active()
    before = len(events())

    result = workflows(verb, workflow.pk)

    assert (result.code, result.document["changed"]) == (0, False)
    assert events_after(before) == []
