"""Connections are created with good values alone, and deleted only where nothing uses them."""

import json

import pytest

from tests.factories import make_workflow, workspace
from tests.workflows.events import change_of, newest, words
from tests.workflows.made_connections import BEARER, CANARY, make_crm, steps_using, stored_text
from workflows.connections.health import ConnectionGone
from workflows.lifecycle import ValueRefused
from workflows.models import Connection
from workflows.services.connection_values import Credentials
from workflows.services.connections import ConnectionInUse, create_connection, delete_connection

pytestmark = pytest.mark.django_db


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
