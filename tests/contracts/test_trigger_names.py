"""The payload has two names, `body` and `data`: one workflow serves the webhook, the event and the hand."""

from typing import Any

import pytest

from config.clock import stamp
from runs.intake.occurrences import trigger_names
from runs.intake.storing import stored_input
from runs.models import Run
from tests.runs.engine.driving import accept, advance, workflow_of


@pytest.mark.parametrize("key", ["body", "data"])
def test_payload_is_reached_by_both_names(key: str) -> None:
    names = trigger_names("webhook", "hook", {key: {"a": 1}})

    assert names == {"kind": "webhook", "id": "hook", "body": {"a": 1}, "data": {"a": 1}}


def test_payload_that_was_not_kept_has_no_name() -> None:
    assert trigger_names("webhook", "hook", {"headers": {}}) == {
        "kind": "webhook",
        "id": "hook",
        "headers": {},
    }


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["body", "data"])
@pytest.mark.parametrize("kind", ["webhook", "manual"])
def test_step_reads_payload_by_either_name(kind: str, name: str) -> None:
    step: dict[str, Any] = {"id": "s", "kind": "set", "values": {"x": "{{ trigger." + name + ".x }}"}}
    run = accept(workflow_of(step), {"x": [1]}, kind=kind)

    assert advance(run).status == "success"
    assert '"x":[1]' in Run.objects.get(pk=run.pk).step_attempts.get().output.replace(" ", "")


@pytest.mark.parametrize("path", ["trigger.body.card", "trigger.data.card"])
@pytest.mark.parametrize("key", ["body", "data"])
def test_redaction_knows_both_names(key: str, path: str) -> None:
    stored = stored_input({key: {"card": "4111"}}, stamp(), redact=[path])

    assert "4111" not in stored
