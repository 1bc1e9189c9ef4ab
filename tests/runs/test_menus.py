"""The three-dot menu of a workflow: exactly the items of screens.md, by status, role and draft."""

import pytest

from runs.menus import ORDER, is_offered, primary_action, workflow_menu
from tests.factories import make_scope, make_user, make_version, make_workflow
from workflows.lifecycle import TRANSITIONS, Status

FULL = {
    "draft": ["Edit", "Test", "Run", "Clone", "Rename", "Archive", "Delete"],
    "active": ["Pause", "Stop", "Edit", "Test", "Trigger one run…", "Clone", "Rename", "Archive"],
    "paused": [
        "Resume", "Change pause…", "Stop", "Edit", "Test", "Trigger one run…", "Clone", "Rename", "Archive",
    ],
    "not_running": ["Run", "Edit", "Test", "Clone", "Rename", "Archive"],
    "archived": ["Unarchive", "Clone", "Delete"],
}  # fmt: skip
OPERATOR = {
    "draft": ["Test", "Run"],
    "active": ["Pause", "Stop", "Test", "Trigger one run…"],
    "paused": ["Resume", "Change pause…", "Stop", "Test"],
    "not_running": ["Run", "Test"],
    "archived": [],
}
EDITOR = {
    "draft": ["Edit", "Test", "Run", "Clone", "Rename"],
    "active": ["Pause", "Stop", "Edit", "Test", "Trigger one run…", "Clone", "Rename"],
    "paused": ["Resume", "Change pause…", "Stop", "Edit", "Test", "Trigger one run…", "Clone", "Rename"],
    "not_running": ["Run", "Edit", "Test", "Clone", "Rename"],
    "archived": ["Clone"],
}


def labels(workflow, user):
    return [str(item.label) for item in workflow_menu(workflow, user).items]


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("viewer", {status: [] for status in FULL}),
        ("operator", OPERATOR),
        ("editor", EDITOR),
        ("manager", FULL),
    ],
)
def test_menu_offers_what_status_and_role_allow(db, role, expected, status):
    workflow = make_workflow("Leads", status=status)
    assert labels(workflow, make_user(role)) == expected[status]


@pytest.mark.parametrize("status", ["active", "paused", "not_running"])
def test_publish_changes_follows_edit_when_a_draft_stands_beside(db, status):
    workflow = make_workflow(status=status)
    workflow.draft = make_version(workflow, state="draft")
    workflow.save()
    found = labels(workflow, make_user("editor"))
    assert found[found.index("Edit") + 1] == "Publish changes"


def test_delete_stands_last_after_a_line(db):
    items = workflow_menu(make_workflow(status="archived"), make_user("manager")).items
    assert [(item.separated, item.danger) for item in items] == [(False, False), (False, False), (True, True)]


def test_menu_of_a_foreign_scope_is_empty(db):
    user = make_user("manager", scope=make_scope("hub:sydney"))
    assert labels(make_workflow(), user) == []


def test_menu_causes_no_query_once_the_role_is_known(db, django_assert_num_queries):
    user, workflow = make_user("manager"), make_workflow()
    is_offered(workflow, user, "pause")
    with django_assert_num_queries(0):
        workflow_menu(workflow, user)


def test_menu_holds_every_verb_of_the_table_that_its_status_has():
    for status, verbs in ORDER.items():
        listed = {t.verb for t in TRANSITIONS.values() if t.in_menu and status in t.sources}
        extra = {"edit", "archive"} if status != Status.ARCHIVED else set()
        assert set(verbs) == listed | extra


@pytest.mark.parametrize(
    ("status", "label"),
    [
        ("draft", "Run"),
        ("active", "Pause"),
        ("paused", "Resume"),
        ("not_running", "Run"),
        ("archived", "Unarchive"),
    ],
)
def test_primary_action_by_status(db, status, label):
    workflow = make_workflow(status=status)
    assert str(primary_action(workflow, make_user("manager")).label) == label
    assert primary_action(workflow, make_user("viewer")) is None
