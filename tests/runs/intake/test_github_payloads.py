"""Real GitHub deliveries: accepted, stored equal to what was sent, repeats and forgeries answered as specified.

The payloads are those of the npm package @octokit/webhooks-examples; `sh tests/fetch_payloads.sh` gets them.
"""

import json
import os
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from runs.models import Run
from tests.runs.intake.material import make_signed, signed

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

EXAMPLES = Path(__file__).parents[3] / ".testdeps/webhooks-examples/api.github.com/index.json"
HOW = "The GitHub payloads are absent. Get them with: sh tests/fetch_payloads.sh"

Delivery = tuple[str, str, bytes]


@pytest.fixture(scope="module")
def deliveries() -> list[Delivery]:
    """Event name, delivery id and body, as GitHub writes it, of every example."""
    if not EXAMPLES.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(HOW)
        pytest.skip(HOW)
    events = json.loads(EXAMPLES.read_text())
    return [
        (event["name"], str(uuid.uuid4()), json.dumps(example, separators=(",", ":")).encode())
        for event in events
        for example in event["examples"]
    ]


class GitHub:
    """The sender: a client of its own, a signed trigger."""

    def __init__(self) -> None:
        self.client = Client()
        self.trigger, self.secret = make_signed("github")

    def deliver(
        self, delivery: Delivery, *, content_type: str = "application/json", altered: bytes | None = None
    ) -> HttpResponse:
        """Sign the delivery's body and send it, or other bytes in its place."""
        name, identifier, body = delivery
        headers = {**signed("github", self.secret, body, identifier=identifier), "X-GitHub-Event": name}
        path, sent = f"/hooks/{self.trigger.address}", altered or body
        return self.client.post(path, sent, content_type=content_type, headers=headers)


def stored() -> dict[str, Any]:
    return {run.delivery_id: json.loads(run.input) for run in Run.objects.all()}


def test_all_are_accepted_and_stored_equal_to_what_was_sent(deliveries: list[Delivery]) -> None:
    github = GitHub()
    answers = [github.deliver(delivery) for delivery in deliveries]
    assert len(deliveries) >= 50
    assert {answer.status_code for answer in answers} == {202}
    found = stored()
    assert len(found) == len(deliveries)
    for name, identifier, body in deliveries:
        kept = found[identifier]
        assert json.dumps(kept["body"], separators=(",", ":")).encode() == body
        assert kept["headers"]["x-github-event"] == name
        assert "x-hub-signature-256" not in kept["headers"]


def test_all_are_taken_as_forms_too(deliveries: list[Delivery]) -> None:
    github = GitHub()
    form = "application/x-www-form-urlencoded"
    for name, identifier, body in deliveries:
        sent = (name, identifier, urlencode({"payload": body.decode()}).encode())
        assert github.deliver(sent, content_type=form).status_code == 202
    found = stored()
    assert all(found[key]["body"] == {"payload": json.loads(body)} for _name, key, body in deliveries)


def test_repeats_give_the_first_answer_again(deliveries: list[Delivery]) -> None:
    github = GitHub()
    first = [github.deliver(delivery).json() for delivery in deliveries]
    again = [github.deliver(delivery) for delivery in deliveries]
    assert [answer.json() for answer in again] == first
    assert {answer.headers["Signalbox-Duplicate"] for answer in again} == {"true"}
    assert Run.objects.count() == len(deliveries)


def test_tampered_ones_are_refused_and_leave_nothing(deliveries: list[Delivery]) -> None:
    github = GitHub()
    for delivery in deliveries:
        body = delivery[2]
        altered = body.replace(b'"id":', b'"id" :', 1) if b'"id":' in body else body + b" "
        assert github.deliver(delivery, altered=altered).status_code == 401
    assert Run.objects.count() == 0
