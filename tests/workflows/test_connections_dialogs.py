"""The pages of connections: dialogs that create, edit, test, mark and delete."""

import re
from typing import Any

import pytest
from django.urls import reverse

from tests.factories import make_connection, make_scope, make_workflow, workspace
from tests.signing_in import signed_in
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.connection_pages import DEFINITION, HTMX, LIST, at, text_of
from tests.workflows.events import words
from tests.workflows.made_connections import CANARY, make_crm
from tests.workflows.sink import Sink
from workflows import connections
from workflows.models import Connection, Role, Status, Workflow

pytestmark = pytest.mark.django_db(transaction=True)


def filled_in(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "http",
        "scope": workspace().pk,
        "base_url": "https://crm.example.com",
        "auth": "bearer",
        "secret": CANARY,
    }


def test_create_asks_then_does_with_and_without_htmx() -> None:
    client = signed_in(Role.MANAGER)
    values = filled_in("crm")
    asked = client.get(reverse("connections:create"), headers=HTMX)
    assert (asked.status_code, "Create connection" in text_of(asked)) == (200, True)

    plain = client.post(reverse("connections:create"), values)
    again = client.post(reverse("connections:create"), values, headers=HTMX)

    assert (plain.status_code, plain["Location"]) == (302, LIST)
    assert again.status_code == 204
    assert "connection-changed" in again.headers["HX-Trigger"]
    assert words(kind="connection") == ["Connection created"]
    assert connections.access_for("crm", workspace()).headers == {"Authorization": f"Bearer {CANARY}"}


def test_create_refuses_bad_values_at_their_fields_and_never_echoes_the_secret() -> None:
    client = signed_in(Role.MANAGER)
    values = filled_in("my crm")

    response = client.post(reverse("connections:create"), values)

    assert response.status_code == 422
    assert "Name: A connection's name has 1 to 60 letters" in text_of(response).replace("&#x27;", "'")
    assert 'value="my crm"' in response.content.decode()
    assert CANARY not in response.content.decode()
    assert Connection.objects.count() == 0


def test_create_offers_only_scopes_that_the_person_manages() -> None:
    hub, other = make_scope("hub:sydney"), make_scope("hub:perth")
    client = signed_in(Role.MANAGER, scope=hub)
    values = {"name": "crm", "kind": "http", "base_url": "https://crm.example.com", "auth": "none"}

    foreign = client.post(reverse("connections:create"), values | {"scope": other.pk})
    own = client.post(reverse("connections:create"), values | {"scope": hub.pk})

    assert (foreign.status_code, own.status_code) == (422, 302)
    assert Connection.objects.get().scope == hub


def test_edit_keeps_the_secret_and_refuses_a_stale_page() -> None:
    crm = make_crm()
    client = signed_in(Role.MANAGER)
    form = {"auth": "bearer", "username": "", "header_name": "", "secret": ""}

    asked = client.get(at("edit", crm))
    saved = client.post(at("edit", crm), form | {"base_url": "https://crm.example.com/v2", "revision": 1})
    stale = client.post(at("edit", crm), form | {"base_url": "https://crm.example.com/v3", "revision": 1})
    blind = client.post(at("edit", crm), form | {"base_url": "https://crm.example.com/v3"})

    assert CANARY not in asked.content.decode()
    assert [saved.status_code, stale.status_code, blind.status_code] == [302, 409, 409]
    assert "Connection changed" in text_of(stale)
    assert 'name="revision" value="2"' in stale.content.decode()
    assert Connection.objects.get().base_url == "https://crm.example.com/v2"
    assert connections.access_for("crm", workspace()).headers == {"Authorization": f"Bearer {CANARY}"}


def test_edit_takes_no_field_that_the_form_does_not_have() -> None:
    crm = make_crm()
    client = signed_in(Role.MANAGER)

    client.post(
        at("edit", crm),
        {"base_url": "https://crm.example.com/v2", "auth": "bearer", "revision": 1,
         "name": "evil", "health": "ok", "scope": make_scope().pk, "kind": "chat", "secret_set_at": "2020-01-01"},
    )  # fmt: skip

    now = Connection.objects.get()
    assert (now.name, now.health, now.scope, now.kind) == ("crm", "unknown", workspace(), "http")


def test_secret_dialog_rotates_without_showing_either() -> None:
    crm = make_crm()
    client = signed_in(Role.MANAGER)

    asked = client.get(at("secret", crm))
    done = client.post(at("secret", crm), {"secret": f"{CANARY}-new", "revision": 1}, headers=HTMX)

    assert done.status_code == 204
    assert CANARY not in asked.content.decode() + str(done.headers)
    assert words(kind="connection") == ["Connection created", "Secret rotated"]


def test_test_updates_its_own_row_for_htmx(sink: Sink) -> None:
    crm = make_crm(base_url=sink.url)
    make_connection("other")

    response = signed_in(Role.OPERATOR).post(at("test", crm), headers=HTMX)

    body = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r'<tr id="([\w-]+)"', body) == [f"connection-{crm.pk}"]
    assert "Answered with 200." in body
    assert "crm: Answers. Answered with 200." in response.headers["HX-Trigger"]


@pytest.mark.parametrize(("back", "word"), [("list", LIST), ("", "detail")])
def test_test_works_as_a_plain_post(sink: Sink, back: str, word: str) -> None:
    crm = make_crm(base_url=sink.url)
    client = signed_in(Role.OPERATOR)

    response = client.post(at("test", crm), {"back": back}, follow=True)

    assert response.redirect_chain == [(word if back else at(word, crm), 302)]
    assert "crm: Answers. Answered with 200." in text_of(response)
    assert Connection.objects.get().health == "ok"


def test_get_tests_and_changes_nothing(sink: Sink) -> None:
    crm = make_crm(base_url=sink.url)
    client = signed_in(Role.MANAGER)
    before = words()

    assert client.get(at("test", crm)).status_code == 405
    for word in ("detail", "edit", "secret", "mark-down", "mark-up", "delete"):
        assert client.get(at(word, crm)).status_code == 200
    assert (words(), sink.seen) == (before, [])


def test_mark_down_and_up_say_how_many_and_do_it(sink: Sink) -> None:
    crm = make_crm(base_url=sink.url)
    make_workflow("Lead qualification", definition=DEFINITION)
    client = signed_in(Role.OPERATOR)

    asked = text_of(client.get(at("mark-down", crm)))
    down = client.post(at("mark-down", crm), {"revision": 1}, headers=HTMX)
    assert "1 Active workflow uses it and will be paused" in asked
    assert "Lead qualification" in asked
    assert "crm is down; paused 1 workflow." in down.headers["HX-Trigger"]
    assert Workflow.objects.get().status == Status.PAUSED

    asked = text_of(client.get(at("mark-up", crm)))
    up = client.post(at("mark-up", crm), {"revision": 1}, follow=True)
    assert "1 workflow that it paused will be resumed" in asked
    assert "crm is up; resumed 1 workflow." in text_of(up)
    assert Workflow.objects.get().status == Status.ACTIVE


def test_delete_needs_the_name_and_is_refused_while_used() -> None:
    crm = make_crm()
    client = signed_in(Role.MANAGER)

    wrong = client.post(at("delete", crm), {"confirm": "CRM", "revision": 1})
    make_workflow("Lead qualification", definition=DEFINITION)
    blocked = client.get(at("delete", crm))
    refused = client.post(at("delete", crm), {"confirm": "crm", "revision": 1})

    assert (wrong.status_code, refused.status_code) == (422, 409)
    assert "Type crm to delete it." in text_of(wrong)
    assert "dialog-confirm" not in blocked.content.decode()
    assert "Lead qualification" in text_of(blocked)
    assert Connection.objects.count() == 1


def test_delete_deletes() -> None:
    crm = make_crm()
    client = signed_in(Role.MANAGER)

    asked = client.get(at("delete", crm))
    done = client.post(at("delete", crm), {"confirm": "crm", "revision": 1}, follow=True)

    assert "Type the name to confirm" in text_of(asked)
    assert "Deleted crm." in text_of(done)
    assert Connection.objects.count() == 0
