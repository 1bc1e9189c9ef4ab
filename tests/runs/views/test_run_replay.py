"""The dialog of Replay: version, start, input, and what will act again."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEvent
from runs.models import Run, StepAttempt
from tests.factories import make_run, make_user, make_version, make_workflow
from tests.runs.engine.driving import accept, advance, definition, workflow_of
from tests.runs.views.pages import HTMX, buttons, client_of, hidden, text_of
from workflows.models import Workflow

pytestmark = pytest.mark.django_db
SET = {"kind": "set", "values": {"x": "1"}}


def call(step_id: str) -> dict[str, Any]:
    return {"id": step_id, "kind": "http_request", "method": "POST", "url": "http://127.0.0.1:9/"}


def address(run: Run) -> str:
    return f"/automations/runs/{run.pk}/replay/"


def old_run(workflow: Workflow, **changes: Any) -> Run:
    given = {
        "body": {"email": "a@b.test"},
        "headers": {"x-source": "shop"},
        "query": {},
        "received_at": "then",
    }
    defaults = {
        "status": "success",
        "trigger_kind": "webhook",
        "trigger_id": "hook",
        "input": json.dumps(given),
    }
    return make_run(workflow, **{**defaults, **changes})


def replay_of(run: Run) -> Run:
    return Run.objects.get(replay_of=run)


def body(run: Run) -> Any:
    return json.loads(run.input)["body"]


def test_replay_starts_a_linked_run_with_the_same_input(operator: Client) -> None:
    run = old_run(make_workflow())
    asked = operator.get(address(run))
    payload = re.search(r"<textarea[^>]*>(.*?)</textarea>", text_of(asked), re.DOTALL).group(1)

    answer = operator.post(address(run), {"payload": payload.replace("&quot;", '"')}, headers=HTMX)

    fresh = replay_of(run)
    assert buttons(asked) == ["Replay"]
    assert answer.headers["HX-Redirect"] == f"/automations/runs/{fresh.pk}/"
    assert body(fresh) == {"email": "a@b.test"}
    assert (fresh.trigger_kind, fresh.version_id) == ("webhook", run.version_id)
    assert AuditEvent.objects.get(subject_id=str(run.pk)).event == "Run replayed"


def test_replay_without_script_redirects_to_the_new_run(operator: Client) -> None:
    run = old_run(make_workflow())

    answer = operator.post(address(run), {"payload": '{"email": "corrected@b.test"}'})

    fresh = replay_of(run)
    assert (answer.status_code, answer.url) == (302, f"/automations/runs/{fresh.pk}/")
    assert body(fresh) == {"email": "corrected@b.test"}


@pytest.mark.parametrize("payload", ["[]", "0", "false", '""'])
def test_edited_input_may_be_any_json(operator: Client, payload: str) -> None:
    run = old_run(make_workflow())

    operator.post(address(run), {"payload": payload})

    assert body(replay_of(run)) == json.loads(payload)


def test_bad_input_keeps_what_was_typed(operator: Client) -> None:
    run = old_run(make_workflow())

    answer = operator.post(address(run), {"payload": '{"email": '}, headers=HTMX)

    assert answer.status_code == 422
    assert "not valid JSON (line 1" in text_of(answer)
    assert "{&quot;email&quot;:" in text_of(answer)
    assert not Run.objects.filter(replay_of=run).exists()


def test_same_form_sent_twice_starts_one_run(operator: Client) -> None:
    run = old_run(make_workflow())
    key = hidden(operator.get(address(run)), "idempotency_key")

    answers = [
        operator.post(address(run), {"payload": "{}", "idempotency_key": key}, headers=HTMX) for _time in "12"
    ]

    fresh = replay_of(run)
    assert {answer.headers["HX-Redirect"] for answer in answers} == {f"/automations/runs/{fresh.pk}/"}


def test_open_run_is_refused(operator: Client) -> None:
    run = old_run(make_workflow(), status="running")

    for answer in (operator.get(address(run)), operator.post(address(run), {"payload": "{}"}, headers=HTMX)):
        assert answer.status_code == 409
        assert "The run is still Running. Cancel it first, or wait." in text_of(answer)


@pytest.mark.parametrize("status", ["not_running", "archived"])
def test_workflow_that_does_not_run_refuses(operator: Client, status: str) -> None:
    run = old_run(make_workflow(status=status))

    answer = operator.post(address(run), {"payload": "{}"}, headers=HTMX)

    assert answer.status_code == 409
    assert "A replay starts a run, which is not possible" in text_of(answer)
    assert not Run.objects.filter(replay_of=run).exists()


def test_paused_workflow_needs_the_permission_to_run_meanwhile(operator: Client) -> None:
    run = old_run(make_workflow(status="paused"))

    refused = operator.post(address(run), {"payload": "{}"}, headers=HTMX)
    editor = client_of(make_user("editor"))
    asked = editor.get(address(run))
    editor.post(address(run), {"payload": "{}"})

    assert refused.status_code == 409
    assert "needs the role Editor" in text_of(refused)
    assert "The workflow is paused. This one run starts all the same." in text_of(asked)
    assert (replay_of(run).status, replay_of(run).passes_gate) == ("pending", True)


def test_reader_is_refused(viewer: Client) -> None:
    run = old_run(make_workflow())

    assert viewer.get(address(run)).status_code == 403
    assert viewer.post(address(run), {"payload": "{}"}).status_code == 403
    assert not Run.objects.filter(replay_of=run).exists()


def test_version_is_asked_for_only_where_another_is_published(operator: Client) -> None:
    workflow = make_workflow()
    run = old_run(workflow)
    assert 'name="version"' not in text_of(operator.get(address(run)))
    run.version.state = "superseded"
    run.version.save()
    workflow.published = make_version(workflow, definition=definition({"id": "other", **SET}))
    workflow.save()

    asked = text_of(operator.get(address(run)))
    operator.post(address(run), {"payload": "{}", "version": "published"})

    assert "Version 1, as before" in asked and "Version 2, published now" in asked
    assert replay_of(run).version == workflow.published


def test_replay_from_the_failed_step_reuses_what_finished(operator: Client) -> None:
    run = advance(accept(workflow_of({"id": "first", **SET}, call("send"), call("later")), {"a": 1}))

    asked = text_of(operator.get(address(run)))
    operator.post(address(run), {"payload": '{"a": 1}', "start": "failed"})

    fresh = replay_of(run)
    assert "From the failed step “send”" in asked
    assert (fresh.replay_from, body(fresh)) == ("send", {"a": 1})
    assert list(fresh.step_attempts.values_list("step_id", flat=True)) == ["first"]


def test_steps_that_will_act_again_are_listed(operator: Client) -> None:
    steps = (call("done"), {"id": "calm", **SET}, call("broke"))
    run = old_run(workflow_of(*steps), status="failed", error_step="broke")
    StepAttempt.objects.create(
        run=run, step_id="done", kind="http_request", status="success", started_at=run.received_at
    )

    page = text_of(operator.get(address(run)))

    section = page[page.index('id="acting"') : page.index("</section>", page.index('id="acting"'))]
    assert re.findall(r"<b>(\w+)</b>", section) == ["done", "broke"]
    assert section.count("only from the beginning") == 1


def test_test_run_is_replayed_as_a_test_in_any_status(operator: Client) -> None:
    run = old_run(make_workflow(status="not_running"), is_test=True, simulates=True)

    operator.post(address(run), {"payload": "{}"})

    assert (replay_of(run).is_test, replay_of(run).simulates) == (True, True)
