"""The pages of connections: reading, dialogs, tests, and who may what."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_connection, make_scope, make_user, make_workflow, workspace
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.events import words
from tests.workflows.sink import Sink
from workflows import connections
from workflows.models import Connection, Role, Status, Workflow
from workflows.services.connection_values import Credentials
from workflows.services.connections import create_connection
from workflows.urls.connections import urlpatterns

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "canary-7f3a9"
LIST = "/automations/connections/"
HTMX = {"HX-Request": "true"}
DEFINITION = {
    "format": "signalbox/1", "name": "Test",
    "triggers": [{"id": "by_hand", "kind": "manual"}],
    "steps": [{"id": "ask", "kind": "http_request", "connection": "crm", "path": "/leads"}],
}  # fmt: skip


def signed_in(role: Role | None, **changes) -> Client:
    client = Client()
    client.force_login(make_user(role, **changes))
    return client


def make_crm(base_url: str = "https://crm.example.com/v1", **changes) -> Connection:
    values = {"scope": workspace(), "credentials": Credentials("bearer", secret=CANARY), **changes}
    return create_connection("crm", base_url=base_url, **values)[1]


def at(word: str, connection: Connection) -> str:
    return reverse(f"connections:{word}", args=[connection.pk])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_list_shows_health_use_and_last_check() -> None:
    make_connection(
        "crm", health="failing", health_message="Answered with an error (500).", tested_at="2026-11-23T08:00Z"
    )
    make_workflow(definition=DEFINITION)
    make_connection("mail", auth="bearer")

    response = signed_in(Role.VIEWER).get(LIST)

    shown = text_of(response)
    for words_shown in (
        "crm",
        "Failing",
        "Answered with an error (500).",
        "1 workflow",
        "Secret missing",
        "2 found",
    ):
        assert words_shown in shown
    assert "Create connection" not in shown


@pytest.mark.parametrize("count", [1, 3])
def test_list_needs_the_same_queries_for_one_row_and_for_three(count: int, django_assert_num_queries) -> None:
    client = signed_in(Role.OPERATOR)
    for number in range(count):
        make_connection(f"crm{number}")
    make_workflow(definition=DEFINITION)

    with django_assert_num_queries(9):
        client.get(LIST)


def test_list_filters_by_health_scope_and_words() -> None:
    hub = make_scope("hub:sydney")
    make_connection("crm", health="ok")
    make_connection("mail", health="failing", scope=hub, base_url="https://mail.example.test")
    client = signed_in(Role.VIEWER)

    def names(query: str) -> list[str]:
        found = client.get(LIST + query).content.decode()
        return re.findall(r'<a href="/automations/connections/\d+/">(\w+)</a>', found)

    assert names("") == ["crm", "mail"]
    assert names("?health=failing") == ["mail"]
    assert names("?scope=hub:sydney") == ["mail"]
    assert names("?q=cr") == ["crm"]
    assert names("?sort=-name") == ["mail", "crm"]
    assert "1 filter was not understood" in text_of(client.get(LIST + "?colour=red"))


def test_list_as_a_fragment_is_the_results_alone() -> None:
    make_connection()

    response = signed_in(Role.VIEWER).get(LIST, headers=HTMX)

    body = response.content.decode()
    assert ('id="results"' in body, "<h1" in body, "<html" in body) == (True, False, False)
    assert "HX-Request" in response.headers["Vary"]


def test_empty_list_explains_and_offers_the_first_step() -> None:
    assert "Create connection" in text_of(signed_in(Role.MANAGER).get(LIST))
    viewer = text_of(signed_in(Role.VIEWER).get(LIST))
    assert "No connections yet" in viewer
    assert "Create connection" not in viewer


def test_detail_shows_checks_and_workflows_and_no_secret(sink: Sink) -> None:
    crm = make_crm(sink.url)
    workflow = make_workflow("Lead qualification", definition=DEFINITION)
    connections.test(crm.pk)

    response = signed_in(Role.VIEWER).get(at("detail", crm))

    shown = text_of(response)
    for words_shown in ("Answered with 200.", "Lead qualification", "Bearer token", "Answers"):
        assert words_shown in shown
    assert f'href="/automations/workflows/{workflow.pk}/"' in response.content.decode()
    assert CANARY not in response.content.decode()


def test_create_asks_then_does_with_and_without_htmx() -> None:
    client = signed_in(Role.MANAGER)
    values = {
        "name": "crm", "kind": "http", "scope": workspace().pk, "base_url": "https://crm.example.com",
        "auth": "bearer", "secret": CANARY,
    }  # fmt: skip
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
    values = {
        "name": "my crm", "kind": "http", "scope": workspace().pk, "base_url": "https://crm.example.com",
        "auth": "bearer", "secret": CANARY,
    }  # fmt: skip

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
    crm = make_crm(sink.url)
    make_connection("other")

    response = signed_in(Role.OPERATOR).post(at("test", crm), headers=HTMX)

    body = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r'<tr id="([\w-]+)"', body) == [f"connection-{crm.pk}"]
    assert "Answered with 200." in body
    assert "crm: Answers. Answered with 200." in response.headers["HX-Trigger"]


@pytest.mark.parametrize(("back", "word"), [("list", LIST), ("", "detail")])
def test_test_works_as_a_plain_post(sink: Sink, back: str, word: str) -> None:
    crm = make_crm(sink.url)
    client = signed_in(Role.OPERATOR)

    response = client.post(at("test", crm), {"back": back}, follow=True)

    assert response.redirect_chain == [(word if back else at(word, crm), 302)]
    assert "crm: Answers. Answered with 200." in text_of(response)
    assert Connection.objects.get().health == "ok"


def test_get_tests_and_changes_nothing(sink: Sink) -> None:
    crm = make_crm(sink.url)
    client = signed_in(Role.MANAGER)
    before = words()

    assert client.get(at("test", crm)).status_code == 405
    for word in ("detail", "edit", "secret", "mark-down", "mark-up", "delete"):
        assert client.get(at(word, crm)).status_code == 200
    assert (words(), sink.seen) == (before, [])


def test_mark_down_and_up_say_how_many_and_do_it(sink: Sink) -> None:
    crm = make_crm(sink.url)
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


ACTS = ("edit", "secret", "test", "mark-down", "mark-up", "delete")
LEAST = {
    "detail": Role.VIEWER, "test": Role.OPERATOR, "mark-down": Role.OPERATOR, "mark-up": Role.OPERATOR,
    "edit": Role.MANAGER, "secret": Role.MANAGER, "delete": Role.MANAGER,
}  # fmt: skip


def test_every_address_is_in_the_permission_matrix() -> None:
    assert {pattern.name for pattern in urlpatterns} == LEAST.keys() | {"list", "create"}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("word", LEAST)
def test_permission_matrix_of_addresses(sink: Sink, role: Role, word: str) -> None:
    hub = make_scope("hub:sydney")
    crm = make_crm(sink.url, scope=hub)
    foreign = make_connection("foreign", scope=make_scope("hub:perth"))
    client = signed_in(role, scope=hub)
    before = words()
    allowed = role.covers(LEAST[word])
    methods = {"detail": ("get",), "test": ("post",)}.get(word, ("get", "post"))

    for method in methods:
        own = getattr(client, method)(at(word, crm)).status_code
        assert (own != 403) is allowed, method
        assert own != 404, method
        assert getattr(client, method)(at(word, foreign)).status_code == 404, method
        assert getattr(client, method)(f"{LIST}999999/").status_code in (404, 405), method
    assert allowed or words() == before


@pytest.mark.parametrize("role", Role)
def test_only_managers_create(role: Role) -> None:
    assert signed_in(role).get(reverse("connections:create")).status_code == (
        200 if role == Role.MANAGER else 403
    )


@pytest.mark.parametrize("role", Role)
def test_menu_offers_what_the_role_allows(role: Role) -> None:
    crm = make_crm()
    body = signed_in(role).get(LIST).content.decode()
    menu = re.findall(r'<a class="panel-link[^"]*" href="/automations/connections/\d+/([\w-]+)/"', body)

    expected = {
        Role.VIEWER: [],
        Role.OPERATOR: ["mark-down"],
        Role.EDITOR: ["mark-down"],
        Role.MANAGER: ["edit", "secret", "mark-down", "delete"],
    }
    assert menu == expected[role]
    assert (at("test", crm) in body) is role.covers(Role.OPERATOR)


def test_foreign_connections_leave_no_trace_in_lists_and_counts() -> None:
    make_connection("marker-foreign", scope=make_scope("hub:perth"), base_url="https://marker.example.com")
    client = signed_in(Role.MANAGER, scope=make_scope("hub:sydney"))

    for query in ("", "?q=marker-foreign", "?scope=hub:perth", "?health=unknown"):
        body = client.get(LIST + query).content.decode()
        assert "marker.example.com" not in body
        assert "hub:perth" not in body.replace("scope=hub:perth", "").replace("scope=hub%3Aperth", "")
        assert "Perth" not in body


def test_strangers_are_sent_to_sign_in() -> None:
    crm = make_crm()
    for address in (LIST, at("detail", crm), at("edit", crm)):
        assert Client().get(address)["Location"] == f"/login/?next={address}"
    assert Client().post(at("test", crm)).status_code == 302


def test_forms_need_their_csrf_token() -> None:
    crm = make_crm()
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())

    for word in ACTS:
        assert client.post(at(word, crm), {"confirm": "crm", "revision": 1}).status_code == 403
    assert words(kind="connection") == ["Connection created"]
