"""The checks of connections in the Run and Resume dialogs: each arrives alone where script asks, else all at once."""

import pytest

from tests.factories import DEFINITION, make_connection, make_scope, make_user, make_workflow
from tests.runs.views.pages import HTMX, buttons, client_of, text_of
from workflows.models import Connection
from workflows.outgoing.client import OutgoingFailed

STEPS = [{"id": name, "kind": "http_request", "connection": name, "path": "/"} for name in ("crm", "shop")]


@pytest.fixture
def asked(monkeypatch):
    """The addresses that were tested; those of the shop do not answer."""
    calls = []

    def send(request):
        calls.append(request.url)
        if "shop" in request.url:
            raise OutgoingFailed("timed_out", "It took too long.")
        return type("Answer", (), {"status": 204})()

    monkeypatch.setattr("workflows.connections.health.send", send)
    return calls


@pytest.fixture
def paused(db):
    make_connection("crm", health="failing")
    make_connection("shop", health="ok", base_url="https://shop.example.test")
    return make_workflow("Leads", status="paused", definition={**DEFINITION, "steps": STEPS})


def at(workflow, verb="resume", connection=None):
    path = f"/automations/workflows/{workflow.pk}/{verb}/"
    return f"{path}checks/{connection.pk}/" if connection else path


def of(name):
    return Connection.objects.get(name=name)


def test_dialog_opened_by_script_tests_nothing_itself(operator, paused, asked):
    response = operator.get(at(paused), headers=HTMX)
    page = text_of(response)
    assert asked == []
    assert buttons(response) == ["Resume"]
    for name in ("crm", "shop"):
        assert f'hx-post="{at(paused, connection=of(name))}"' in page
    assert page.count("is being tested") == 2


def test_page_without_script_has_tested_all_of_them(operator, paused, asked):
    response = operator.get(at(paused))
    page = text_of(response)
    assert len(asked) == 2
    assert "is being tested" not in page
    assert buttons(response) == []
    assert "Connection shop does not answer: It took too long." in page


def test_check_that_passes_says_so_and_leaves_the_button(operator, paused, asked):
    line = text_of(operator.post(at(paused, connection=of("crm")), headers=HTMX))
    assert len(asked) == 1
    assert "<b>crm</b>" in line and "dialog-confirm" not in line
    assert of("crm").health == "ok"


def test_check_that_fails_says_why_and_takes_the_button_of_resume(operator, paused, asked):
    line = text_of(operator.post(at(paused, connection=of("shop")), headers=HTMX))
    assert "It took too long." in line
    assert '<button id="dialog-confirm" hx-swap-oob="delete"></button>' in line
    assert "A connection does not answer, so it cannot be resumed now." in line


def test_check_that_fails_leaves_the_button_of_run(operator, asked, db):
    make_connection("crm")
    make_connection("shop", base_url="https://shop.example.test")
    workflow = make_workflow(status="not_running", definition={**DEFINITION, "steps": STEPS})
    page = text_of(operator.get(at(workflow, "run"), headers=HTMX))
    line = text_of(operator.post(at(workflow, "run", of("shop")), headers=HTMX))
    assert page.count("is being tested") == 2
    assert "It took too long." in line and "dialog-confirm" not in line


def test_only_who_may_resume_may_have_it_tested(viewer, paused, asked):
    stranger = client_of(make_user("manager", scope=make_scope("hub:far")))
    answers = [client.post(at(paused, connection=of("crm")), headers=HTMX) for client in (viewer, stranger)]
    assert [answer.status_code for answer in answers] == [403, 404]
    assert asked == []


@pytest.mark.parametrize("verb", ["resume", "pause"])
def test_other_connections_and_verbs_are_not_found(operator, paused, asked, verb):
    other = make_connection("other") if verb == "resume" else of("crm")
    assert operator.post(at(paused, verb, other), headers=HTMX).status_code == 404
    assert operator.get(at(paused, connection=of("crm"))).status_code == 405
    assert asked == []
