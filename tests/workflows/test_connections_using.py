"""Connections: what the engine gets, where they can be used, and who uses them."""

import pytest

from tests.factories import make_connection, make_scope, make_version, make_workflow, workspace
from tests.workflows.made_connections import CANARY, make_crm, steps_using, stored_text
from workflows import connections
from workflows.models import Status
from workflows.services.connection_values import Credentials
from workflows.steps.errors import StepError

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("given", "headers"),
    [
        (Credentials(), {}),
        (Credentials("bearer", secret=" tok \n"), {"Authorization": "Bearer tok"}),
        (Credentials("basic", secret="anna:pa:ss"), {"Authorization": "Basic YW5uYTpwYTpzcw=="}),
        (Credentials("basic", "anna", secret="pa:ss"), {"Authorization": "Basic YW5uYTpwYTpzcw=="}),
        (Credentials("header", secret="key1"), {"X-API-Key": "key1"}),
        (Credentials("header", header_name="X-Token", secret="key1"), {"X-Token": "key1"}),
        (Credentials("header", secret="X-Token: key1"), {"X-Token": "key1"}),
    ],
)
def test_access_for_gives_ready_headers(given: Credentials, headers: dict) -> None:
    make_crm(credentials=given)

    access = connections.access_for("crm", workspace())

    assert (access.name, access.kind, access.base_url) == ("crm", "http", "https://crm.example.com/v1")
    assert access.headers == headers


def test_access_for_hides_headers_from_its_text() -> None:
    make_crm()

    assert CANARY not in repr(connections.access_for("crm", workspace()))
    assert connections.secret_texts("crm", workspace()) == (CANARY, f"Bearer {CANARY}")


def test_chat_address_is_a_secret_of_which_only_the_origin_is_seen() -> None:
    address = f"https://hooks.example.com/services/{CANARY}?sig=1"

    connection = make_crm(name="chat", kind="chat", base_url=address, credentials=None)

    assert connection.base_url == "https://hooks.example.com/"
    assert connections.access_for("chat", workspace()).base_url == address
    assert CANARY not in stored_text()
    assert connections.secret_texts("chat", workspace()) == (address,)


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda hub: None, "connection_missing"),
        (lambda hub: make_connection(scope=hub), "connection_missing"),
        (lambda hub: make_connection(auth="bearer"), "connection_incomplete"),
        (lambda hub: make_connection(auth="bearer", secret="from another key"), "secret_unreadable"),
    ],
)
def test_access_for_refuses_with_a_permanent_step_error(prepare, code: str) -> None:
    prepare(make_scope("hub:sydney"))

    with pytest.raises(StepError) as refused:
        connections.access_for("crm", make_scope("hub:perth"))

    assert (refused.value.code, refused.value.permanent) == (code, True)


def test_usable_in_takes_the_scope_and_those_above() -> None:
    hub = make_scope("hub:sydney")
    card = make_scope("card:spring", parent=hub)
    for name, scope in (("all", workspace()), ("hub", hub), ("card", card), ("other", make_scope())):
        make_connection(name, scope=scope)

    assert [c.name for c in connections.usable_in(card)] == ["all", "card", "hub"]
    assert [c.name for c in connections.usable_in(hub)] == ["all", "hub"]
    assert [c.name for c in connections.usable_in(workspace())] == ["all"]


def test_states_for_says_what_checks_must_know() -> None:
    make_connection("crm", auth="bearer", health="down")
    make_connection("other", scope=make_scope())

    states = connections.states_for(workspace(), ["crm", "other", "missing"])

    assert states.keys() == {"crm"}
    assert (states["crm"].has_secret, states["crm"].needs_secret, states["crm"].health) == (
        False,
        True,
        "failing",
    )


def test_used_by_reads_published_and_draft_of_standing_workflows(django_assert_num_queries) -> None:
    crm, idle = make_connection("crm"), make_connection("idle")
    published = make_workflow("A published", definition=steps_using("crm"))
    draft = make_workflow("B draft", status=Status.DRAFT, definition=steps_using("crm"))
    beside = make_workflow("C beside", definition=steps_using("idle"))
    beside.draft = make_version(beside, state="draft", definition=steps_using("crm"))
    beside.save()
    archived = make_workflow("D archived", status=Status.ARCHIVED, definition=steps_using("crm"))
    make_workflow("E deleted", definition=steps_using("crm"), deleted_at=published.created_at)
    superseded = make_workflow("F changed", definition=steps_using("idle"))
    make_version(superseded, state="superseded", definition=steps_using("crm"))

    with django_assert_num_queries(3):
        users = connections.used_by_each([crm, idle])

    assert users[crm.pk] == [published, draft, beside, archived]
    assert users[idle.pk] == [beside, superseded]


def test_used_by_finds_nested_steps_and_the_default_of_a_kind() -> None:
    definition = steps_using("crm")
    ask = definition["steps"][0] | {"id": "inner", "connection": "deep"}
    ask["on_failure"] = {"steps": [{"id": "tell", "kind": "notify", "text": "failed"}]}
    definition["steps"] = [{"id": "each", "kind": "for_each", "items": "{{ trigger.data }}", "steps": [ask]}]
    workflow = make_workflow(definition=definition)

    for name in ("deep", "chat"):
        assert connections.used_by(make_connection(name)) == [workflow], name
    assert [c.name for c in connections.of_workflow(workflow)] == ["chat", "deep"]


def test_used_by_ignores_workflows_that_cannot_use_it() -> None:
    hub, other = make_scope("hub:sydney"), make_scope("hub:perth")
    crm = make_connection("crm", scope=hub)
    inside = make_workflow(scope=make_scope("card:spring", parent=hub), definition=steps_using("crm"))
    make_workflow(scope=other, definition=steps_using("crm"))
    make_workflow(definition=steps_using("crm"))

    assert connections.used_by(crm) == [inside]
