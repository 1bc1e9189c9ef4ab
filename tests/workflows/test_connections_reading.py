"""The pages of connections: the list and the detail."""

import re

import pytest

from tests.factories import make_connection, make_scope, make_workflow
from tests.signing_in import signed_in
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.connection_pages import DEFINITION, HTMX, LIST, at, text_of
from tests.workflows.made_connections import CANARY, make_crm
from tests.workflows.sink import Sink
from workflows import connections
from workflows.models import Role

pytestmark = pytest.mark.django_db(transaction=True)


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
    crm = make_crm(base_url=sink.url)
    workflow = make_workflow("Lead qualification", definition=DEFINITION)
    connections.test(crm.pk)

    response = signed_in(Role.VIEWER).get(at("detail", crm))

    shown = text_of(response)
    for words_shown in ("Answered with 200.", "Lead qualification", "Bearer token", "Answers"):
        assert words_shown in shown
    assert f'href="/automations/workflows/{workflow.pk}/"' in response.content.decode()
    assert CANARY not in response.content.decode()
