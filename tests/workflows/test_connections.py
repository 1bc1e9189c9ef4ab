"""Connections: values, secrets, who uses them, and what the engine gets."""

import json

import pytest
from cryptography.fernet import Fernet

from tests.factories import make_connection, make_scope, make_version, make_workflow, workspace
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.events import change_of, everything, newest, words
from workflows import connections
from workflows.connections.health import ConnectionGone
from workflows.lifecycle import Stale, ValueRefused
from workflows.models import Connection, Status
from workflows.services.connection_values import Credentials
from workflows.services.connections import (
    ConnectionInUse,
    change_connection,
    create_connection,
    delete_connection,
    rotate_secret,
)
from workflows.steps.errors import StepError

pytestmark = pytest.mark.django_db

CANARY = "canary-7f3a9"
BEARER = Credentials("bearer", secret=CANARY)


def steps_using(name: str) -> dict:
    request = {"id": "ask", "kind": "http_request", "connection": name, "path": "/leads"}
    return {
        "format": "signalbox/1",
        "name": "Test",
        "triggers": [{"id": "by_hand", "kind": "manual"}],
        "steps": [request],
    }


def make_crm(**changes) -> Connection:
    values = {
        "base_url": "https://crm.example.com/v1",
        "scope": workspace(),
        "credentials": BEARER,
        **changes,
    }
    return create_connection(values.pop("name", "crm"), **values)[1]


def stored_text() -> str:
    rows = [list(Connection.objects.values()), list(Connection.history.values())]
    return json.dumps(rows, default=str) + everything()


def test_create_connection_keeps_the_secret_encrypted_and_out_of_history_and_audit() -> None:
    changed, connection = create_connection(
        "crm", base_url="https://crm.example.com/v1", scope=workspace(), credentials=BEARER
    )

    assert (changed, connection.is_complete, connection.health) == (True, True, "unknown")
    assert CANARY not in stored_text()
    assert words(kind="connection") == ["Connection created"]
    assert newest().subject_label == "crm"
    assert json.loads(newest().history) == {"connection": connection.history.get().history_id}
    assert change_of(newest())[1] == {
        "name": "crm", "kind": "http", "scope": "workspace", "base_url": "https://crm.example.com/v1",
        "auth": "bearer", "username": None, "header_name": None, "secret_set": True,
    }  # fmt: skip


def test_create_connection_twice_changes_nothing_and_another_one_is_refused() -> None:
    make_crm()

    assert (
        create_connection(
            "crm", base_url="https://crm.example.com/v1", scope=workspace(), credentials=BEARER
        )[0]
        is False
    )
    for other in (
        {"credentials": Credentials("bearer", secret="another")},
        {"base_url": "https://other.example.com"},
    ):
        with pytest.raises(ValueRefused) as refused:
            make_crm(**other)
        assert refused.value.findings[0]["code"] == "name_taken"
    assert words(kind="connection") == ["Connection created"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "my crm"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "crm\n"}, ""),
        ({"base_url": "ftp://crm.example.com"}, "base_url"),
        ({"base_url": "http://127.0.0.1/"}, "base_url"),
        ({"base_url": "https://user:pw@crm.example.com"}, "base_url"),
        ({"base_url": "https://crm.example.com/?key=1"}, "base_url"),
        ({"base_url": "https://crm.example.com/a b"}, "base_url"),
        ({"base_url": "https://crm.example.com/" + "a" * 500}, "base_url"),
        ({"kind": "fax"}, "kind"),
        ({"credentials": Credentials("oauth", secret="x")}, "auth"),
        ({"credentials": Credentials("none", secret="x")}, "secret"),
        ({"credentials": Credentials("bearer", secret="a\r\nX-Evil: 1")}, "secret"),
        ({"credentials": Credentials("bearer", secret="päss")}, "secret"),
        ({"credentials": Credentials("bearer", secret="x" * 4001)}, "secret"),
        ({"credentials": Credentials("basic", secret="no-user")}, "username"),
        ({"credentials": Credentials("basic", username="a:b", secret="x")}, "username"),
        ({"credentials": Credentials("header", header_name="Host", secret="x")}, "header_name"),
        ({"credentials": Credentials("header", header_name="Bad Name", secret="x")}, "header_name"),
        ({"kind": "chat"}, "auth"),
    ],
)
def test_create_connection_refuses_bad_values(changes: dict, path: str) -> None:
    if not path:
        assert make_crm(**changes).name == "crm"
        return
    with pytest.raises(ValueRefused) as refused:
        make_crm(**changes)

    assert [finding["path"] for finding in refused.value.findings] == [path]
    assert Connection.objects.count() == 0
    assert words(kind="connection") == []


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


def test_change_connection_records_only_what_changed() -> None:
    crm = make_crm()

    changed, now = change_connection(crm.pk, base_url="https://crm.example.com/v2", revision=1)

    assert (changed, now.revision, now.health) == (True, 2, "unknown")
    assert change_of(newest()) == (
        {"base_url": "https://crm.example.com/v1"}, {"base_url": "https://crm.example.com/v2"},
    )  # fmt: skip
    assert change_connection(crm.pk, base_url="https://crm.example.com/v2", revision=1)[0] is False
    assert words(kind="connection") == ["Connection created", "Connection changed"]


def test_change_connection_refuses_an_old_revision_and_says_what_happened() -> None:
    crm = make_crm()
    change_connection(crm.pk, base_url="https://crm.example.com/v2")

    with pytest.raises(Stale, match="Connection changed"):
        change_connection(crm.pk, base_url="https://crm.example.com/v3", revision=1)


def test_change_connection_never_sends_a_kept_secret_to_another_host() -> None:
    crm = make_crm()
    same = Credentials("bearer")

    with pytest.raises(ValueRefused) as refused:
        change_connection(crm.pk, base_url="https://evil.example.com/v1", credentials=same)
    assert refused.value.findings[0]["code"] == "secret_needed"

    change_connection(
        crm.pk, base_url="https://new.example.com/", credentials=Credentials("bearer", secret="fresh")
    )
    assert connections.access_for("crm", workspace()).headers == {"Authorization": "Bearer fresh"}
    assert words(kind="connection")[1:] == ["Connection changed", "Secret rotated"]


def test_change_of_authentication_forgets_the_secret() -> None:
    crm = make_crm()

    _changed, now = change_connection(crm.pk, credentials=Credentials("header", header_name="X-Key"))

    assert (now.auth, now.secret, now.is_complete) == ("header", "", False)
    assert change_of(newest())[1] == {"auth": "header", "header_name": "X-Key", "secret_set": False}


def test_change_with_an_empty_secret_keeps_the_one_set() -> None:
    crm = make_crm()

    assert change_connection(crm.pk, credentials=Credentials("bearer"))[0] is False
    assert connections.access_for("crm", workspace()).headers == {"Authorization": f"Bearer {CANARY}"}


def test_rotate_secret_replaces_it_and_records_no_value() -> None:
    crm = make_crm()

    results = [rotate_secret(crm.pk, f"{CANARY}-new")[0] for _turn in range(2)]

    assert results == [True, False]
    assert connections.access_for("crm", workspace()).headers == {"Authorization": f"Bearer {CANARY}-new"}
    assert words(kind="connection") == ["Connection created", "Secret rotated"]
    assert CANARY not in stored_text()


def test_rotate_secret_of_a_chat_takes_an_address() -> None:
    chat = make_crm(name="chat", kind="chat", base_url="https://a.example.com/1", credentials=None)

    rotate_secret(chat.pk, "https://b.example.com/2")

    access = connections.access_for("chat", workspace())
    assert (access.base_url, Connection.objects.get().base_url) == (
        "https://b.example.com/2", "https://b.example.com/",
    )  # fmt: skip
    with pytest.raises(ValueRefused):
        rotate_secret(chat.pk, "no address")


@pytest.mark.parametrize(
    ("auth", "secret", "code"), [("bearer", " ", "secret_missing"), ("none", "x", "secret_unused")]
)
def test_rotate_secret_refuses_what_is_no_secret(auth: str, secret: str, code: str) -> None:
    crm = make_crm(credentials=Credentials(auth))

    with pytest.raises(ValueRefused) as refused:
        rotate_secret(crm.pk, secret)

    assert refused.value.findings[0]["code"] == code


def test_secrets_survive_a_new_key_and_say_when_theirs_is_lost(settings) -> None:
    make_crm()
    old = settings.SECRET_KEYS

    settings.SECRET_KEYS = [Fernet.generate_key().decode(), *old]
    assert connections.access_for("crm", workspace()).headers == {"Authorization": f"Bearer {CANARY}"}

    settings.SECRET_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(StepError, match="cannot be read"):
        connections.access_for("crm", workspace())


def test_delete_connection_is_refused_while_used_and_names_by_whom() -> None:
    crm = make_crm()
    workflow = make_workflow("Lead qualification", definition=steps_using("crm"))

    with pytest.raises(ConnectionInUse, match="Lead qualification") as refused:
        delete_connection(crm.pk, confirm="crm")

    assert [finding["path"] for finding in refused.value.findings] == [f"workflows.{workflow.pk}"]
    assert Connection.objects.count() == 1
    assert words(kind="connection") == ["Connection created"]


def test_delete_connection_needs_its_name_and_leaves_event_and_history() -> None:
    crm = make_crm()

    with pytest.raises(ValueRefused):
        delete_connection(crm.pk, confirm="CRM")
    delete_connection(crm.pk, confirm="crm", revision=1)

    assert Connection.objects.count() == 0
    assert words(kind="connection") == ["Connection created", "Connection deleted"]
    assert newest().subject_id == str(crm.pk)
    assert json.loads(newest().history) == {"connection": Connection.history.first().history_id}
    with pytest.raises(ConnectionGone):
        delete_connection(crm.pk, confirm="crm")
