"""The pages of connections: who may what, and what is not there for whom."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_connection, make_scope, make_user
from tests.signing_in import signed_in
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.connection_pages import LIST, at
from tests.workflows.events import words
from tests.workflows.made_connections import make_crm
from tests.workflows.sink import Sink
from workflows.models import Role
from workflows.urls.connections import urlpatterns

pytestmark = pytest.mark.django_db(transaction=True)

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
    crm = make_crm(base_url=sink.url, scope=hub)
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
