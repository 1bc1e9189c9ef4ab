"""The table of product.md, section 2, verb by verb and status by status, through the services."""

from collections.abc import Callable
from typing import Any

import pytest

from runs import services as run_services
from runs.models import Run
from tests.factories import make_scope, make_user, workspace
from tests.workflows.services.material import document, events, events_after, imported, other_steps
from workflows import access, services
from workflows.launch import Launch
from workflows.lifecycle import STATUS_WAYS, TRANSITIONS, Refusal, Status, offered
from workflows.models import Role, Scope, Version, Workflow
from workflows.models.version import VersionImmutable
from workflows.models.workflow import StatusChangedOutside

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

STATUSES = ("draft", "active", "paused", "not_running", "archived")
NOTHING, REFUSED, SAME, GONE = "nothing to do", "refused", "same", "gone"

# Written out by hand from product.md: what each verb does from each status, in the order of STATUSES.
GRID: dict[str, tuple[str, str, str, str, str]] = {
    "run": ("active", NOTHING, REFUSED, "active", REFUSED),
    "pause": (REFUSED, "paused", NOTHING, REFUSED, REFUSED),
    "change-pause": (REFUSED, REFUSED, SAME, REFUSED, REFUSED),
    "resume": (REFUSED, NOTHING, "active", REFUSED, REFUSED),
    "stop": (REFUSED, "not_running", "not_running", NOTHING, REFUSED),
    "widen": (REFUSED, SAME, REFUSED, REFUSED, REFUSED),
    "archive": ("archived", REFUSED, REFUSED, "archived", NOTHING),
    "unarchive": (NOTHING, REFUSED, REFUSED, NOTHING, "not_running"),
    "rename": (SAME, SAME, SAME, SAME, REFUSED),
    "describe": (SAME, SAME, SAME, SAME, REFUSED),
    "move": (SAME, SAME, SAME, SAME, REFUSED),
    "clone": (SAME, SAME, SAME, SAME, SAME),
    "delete": (GONE, REFUSED, REFUSED, REFUSED, GONE),
    "publish": (REFUSED, SAME, SAME, SAME, REFUSED),
    "discard-draft": (REFUSED, SAME, SAME, SAME, REFUSED),
    "roll-back": (REFUSED, SAME, SAME, SAME, REFUSED),
    "test": (SAME, SAME, SAME, SAME, REFUSED),
    "trigger": (REFUSED, SAME, REFUSED, REFUSED, REFUSED),
}

# What one act writes (interfaces.md); a start publishes the draft that stands in every status here.
WORDS: dict[str, list[str]] = {
    "run": ["Version published", "Workflow activated"],
    "pause": ["Workflow paused"],
    "change-pause": ["Pause changed"],
    "resume": ["Workflow resumed"],
    "stop": ["Workflow stopped"],
    "widen": ["Launch widened"],
    "archive": ["Workflow archived"],
    "unarchive": ["Workflow unarchived"],
    "rename": ["Workflow renamed"],
    "describe": ["Workflow described"],
    "move": ["Workflow moved"],
    "clone": ["Workflow cloned", "Version created"],
    "delete": ["Workflow deleted"],
    "publish": ["Version published"],
    "discard-draft": ["Version deleted"],
    "roll-back": ["Version created"],
    "test": ["Workflow tested"],
    "trigger": ["Run started by hand"],
}

LEAST_ROLE: dict[str, str] = {
    **dict.fromkeys(
        ["run", "pause", "change-pause", "resume", "stop", "widen", "test", "trigger"], "operator"
    ),
    **dict.fromkeys(
        ["rename", "describe", "move", "clone", "publish", "discard-draft", "roll-back"], "editor"
    ),
    **dict.fromkeys(["archive", "unarchive", "delete"], "manager"),
}

CASES = [(verb, status) for verb in GRID for status in STATUSES]
# Each of these starts something new whenever it is asked; the others find their target reached.
STARTING_ANEW = {"clone", "test", "trigger"}


def outcome(verb: str, status: str) -> str:
    return GRID[verb][STATUSES.index(status)]


DONE = [case for case in CASES if outcome(*case) not in (NOTHING, REFUSED)]
REVISED = [(verb, status) for verb, status in DONE if verb not in STARTING_ANEW]


def standing(status: str, *, published: bool = True) -> Workflow:
    """A workflow in a status: a draft beside the published version, an older version behind it, begun as a launch."""
    workspace()
    make_scope("hub:sydney")
    workflow = imported()
    if status != "draft" and published:
        services.run(workflow.pk, accept_warnings=True, launch=Launch("first", 5))
        services.save_draft(workflow.pk, document(steps=other_steps("second")))
        services.publish(workflow.pk, accept_warnings=True)
        services.save_draft(workflow.pk, document(steps=other_steps("third")))
    if status == "paused":
        services.pause(workflow.pk, reason="season")
    if status in ("not_running", "archived") and published:
        services.stop(workflow.pk, reason="season", archive=status == "archived")
    if status == "archived" and not published:
        services.archive(workflow.pk)
    workflow.refresh_from_db()
    assert workflow.status == status
    return workflow


def hub() -> Scope:
    return Scope.objects.get(ref="hub:sydney")


ACTS: dict[str, Callable[..., Any]] = {
    "run": lambda pk, **seen: services.run(pk, accept_warnings=True, **seen),
    "pause": lambda pk, **seen: services.pause(pk, reason="maintenance", **seen),
    "change-pause": lambda pk, **seen: services.change_pause(pk, reason="another reason", **seen),
    "resume": lambda pk, **seen: services.resume(pk, accept_warnings=True, **seen),
    "stop": lambda pk, **seen: services.stop(pk, reason="not needed", **seen),
    "widen": lambda pk, **seen: services.widen(pk, None, **seen),
    "archive": services.archive,
    "unarchive": services.unarchive,
    "rename": lambda pk, **seen: services.rename(pk, name="New name", **seen),
    "describe": lambda pk, **seen: services.describe(pk, description="new", **seen),
    "move": lambda pk, **seen: services.move(pk, scope=hub(), **seen),
    "clone": services.clone,
    "delete": lambda pk, **seen: services.delete(pk, confirm="Lead", **seen),
    "publish": lambda pk, **seen: services.publish(pk, accept_warnings=True, **seen),
    "discard-draft": services.discard_draft,
    "roll-back": lambda pk, **seen: services.roll_back(pk, to=1, replace_draft=True, **seen),
    "test": lambda pk: run_services.test(pk, {}),
    "trigger": lambda pk: run_services.start_by_hand(pk, {}),
}


def row(workflow: Workflow) -> dict[str, Any]:
    return Workflow.objects.filter(pk=workflow.pk).values().get()


def test_grid_names_every_verb_and_status_of_the_table() -> None:
    assert GRID.keys() == TRANSITIONS.keys() == WORDS.keys() == LEAST_ROLE.keys() == ACTS.keys()
    assert tuple(Status) == STATUSES


@pytest.mark.parametrize(("verb", "status"), CASES)
def test_verb_does_what_the_table_says(verb: str, status: str) -> None:
    workflow = standing(status)
    before, count = row(workflow), len(events())
    expected = outcome(verb, status)

    try:
        result = ACTS[verb](workflow.pk)
    except Refusal as refusal:
        result = refusal

    after = row(workflow)
    if expected == REFUSED:
        assert getattr(result, "code", "") == "not_possible_now"
    elif expected == NOTHING:
        assert (result.changed, result.message.startswith("Nothing to do")) == (False, True)
    if expected in (REFUSED, NOTHING):
        assert (after, events_after(count), Run.objects.exists()) == (before, [], False)
        return
    assert events_after(count) == WORDS[verb]
    assert after["status"] == (status if expected in (SAME, GONE) else expected)
    assert (after["deleted_at"] is not None) == (expected == GONE)
    assert after["revision"] == before["revision"] + (verb not in STARTING_ANEW)


@pytest.mark.parametrize(("verb", "status"), REVISED)
def test_verb_repeated_does_nothing_even_with_the_old_revision(verb: str, status: str) -> None:
    workflow = standing(status)
    assert ACTS[verb](workflow.pk, revision=workflow.revision).changed is True
    after, count = row(workflow), len(events())

    again = ACTS[verb](workflow.pk, revision=workflow.revision)

    assert (again.changed, again.message.startswith("Nothing to do")) == (False, True)
    assert (row(workflow), events_after(count)) == (after, [])


@pytest.mark.parametrize(("verb", "status"), REVISED)
def test_verb_with_an_old_revision_is_told_and_does_nothing(verb: str, status: str) -> None:
    workflow = standing(status)
    before, count = row(workflow), len(events())

    with pytest.raises(Refusal) as refused:
        ACTS[verb](workflow.pk, revision=workflow.revision - 1)

    assert refused.value.code == "stale_revision"
    assert (row(workflow), events_after(count)) == (before, [])


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("role", [role.value for role in Role])
def test_role_and_status_together_offer_what_the_table_says(role: str, status: str) -> None:
    workflow = standing(status)
    user = make_user(role)
    covered = list(Role)[: list(Role).index(Role(role)) + 1]

    open_now = {t.verb for t in offered(status) if access.may(user, t.verb, workflow)}

    possible = {verb for verb in GRID if outcome(verb, status) not in (NOTHING, REFUSED)}
    # Triggering while Paused starts there too; it asks for a permission of its own.
    possible |= {"trigger"} if status == "paused" else set()
    assert open_now == {verb for verb in possible if LEAST_ROLE[verb] in covered}


def test_status_changes_along_the_ways_of_verbs_and_system_only() -> None:
    by_verbs = {(status, outcome(verb, status)) for verb, status in DONE if outcome(verb, status) in STATUSES}
    by_system = {("active", "paused"), ("active", "not_running"), ("paused", "active")}

    assert by_verbs | by_system | {("archived", "draft")} == STATUS_WAYS


def test_unarchive_makes_a_draft_of_what_was_never_published() -> None:
    workflow = standing("archived", published=False)

    assert services.unarchive(workflow.pk).workflow.status == "draft"


@pytest.mark.parametrize(
    ("source", "target"),
    [(a, b) for a in STATUSES for b in STATUSES if a != b and (a, b) not in STATUS_WAYS],
)
def test_no_other_way_can_be_saved(source: str, target: str) -> None:
    workflow = standing(source)
    workflow.status = target

    with pytest.raises(StatusChangedOutside):
        workflow.save()

    assert row(workflow)["status"] == source


def test_definition_that_was_published_meanwhile_cannot_be_saved_over() -> None:
    workflow = standing("draft")
    seen = Version.objects.get(workflow=workflow)
    services.run(workflow.pk, accept_warnings=True)
    seen.refresh_from_db()
    seen.definition = "{}"

    with pytest.raises(VersionImmutable):
        seen.save()
