"""Addresses outside the pages: what they answer without a token."""

import json

import pytest
from django.test import Client

from tests.factories import make_workflow


def test_schema_of_the_workflow_file_needs_no_token(client: Client) -> None:
    answer = client.get("/api/v1/schema/workflow.json")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/schema+json")
    assert answer.json()["title"] == "Signalbox workflow"
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_address_of_the_api_answers_a_problem_document(client: Client, method: str) -> None:
    answer = client.generic(method, "/api/v1/nothing")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(answer.content)["code"] == "not_found"


@pytest.mark.django_db
def test_address_is_taken_as_shown_and_after_hooks() -> None:
    definition = {"format": "signalbox/1", "triggers": [{"id": "hook", "kind": "webhook"}]}
    workflow = make_workflow(status="active", definition=definition | {"steps": [{"id": "s", "kind": "set"}]})
    address = f"/hooks/{workflow.triggers.get(trigger_id='hook').address}"

    for shown in (address, f"/hooks/{address}"):
        answer = Client().post(shown, "{}", content_type="application/json")
        assert (answer.status_code, answer.json()["status"]) == (202, "pending")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/static/css/tokens.css", "/static/none.css", "/login/", "/api/v1/nothing"])
def test_policy_stands_on_every_answer(client: Client, path: str) -> None:
    answer = client.get(path)

    assert "default-src 'none'" in answer["Content-Security-Policy"]
    answer.close()
