"""Cancel, Kill, Release, Discard and Decide: GET asks, POST does it, refusals explain."""

import re

import pytest
from django.test import Client

from audit.models import AuditEvent
from runs.models import Run, StepAttempt
from tests.factories import make_run, make_user, make_workflow
from tests.runs.views.pages import HTMX, buttons, client_of, events, hidden, notice, text_of

pytestmark = pytest.mark.django_db

OPEN_VERBS = {
    "cancel": ("pending", "Cancel run", "Cancel run", "cancelled", {}),
    "kill": ("running", "Kill run", "Kill", "cancelled", {}),
    "release": ("held", "Release run", "Release", "pending", {}),
    "discard": ("held", "Discard run", "Discard", "skipped", {"tick": "on"}),
    "decide": ("needs_decision", "Decide about a run", "Decide", "waiting", {"as": "done"}),
}
WORDS = {
    "cancel": "Run cancelled",
    "kill": "Run killed",
    "release": "Held triggers released",
    "discard": "Held triggers discarded",
    "decide": "Run decided",
}
CASES = [(verb, *rest) for verb, rest in OPEN_VERBS.items()]


def address(run: Run, verb: str) -> str:
    return f"/automations/runs/{run.pk}/{verb}/"


def told(run: Run) -> list[str]:
    """The audit events about the run."""
    return list(AuditEvent.objects.filter(subject_id=str(run.pk)).values_list("event", flat=True))


def status_of(run: Run) -> str:
    return Run.objects.get(pk=run.pk).status


@pytest.mark.parametrize(("verb", "status", "title", "button", "after", "data"), CASES)
def test_reader_is_refused_with_what_is_missing(viewer, verb, status, title, button, after, data) -> None:
    run = make_run(make_workflow(), status=status)

    for answer in (viewer.get(address(run, verb)), viewer.post(address(run, verb), data)):
        assert answer.status_code == 403
        assert "needs the role Operator in Workspace" in text_of(answer)
    assert status_of(run) == status


@pytest.mark.parametrize(("verb", "status", "title", "button", "after", "data"), CASES)
def test_asking_changes_nothing(operator, verb, status, title, button, after, data) -> None:
    run = make_run(make_workflow(), status=status)

    page, fragment = operator.get(address(run, verb)), operator.get(address(run, verb), headers=HTMX)

    assert [buttons(page), buttons(fragment)] == [[button], [button]]
    assert f">{title}</h1>" in text_of(page)
    assert f'id="dialog-title">{title}</h2>' in text_of(fragment) and "<html" not in text_of(fragment)
    assert status_of(run) == status


@pytest.mark.parametrize(("verb", "status", "title", "button", "after", "data"), CASES)
def test_posting_does_it_and_a_second_post_is_harmless(
    operator, verb, status, title, button, after, data
) -> None:
    run = make_run(make_workflow(), status=status)

    first = operator.post(address(run, verb), data, headers=HTMX)
    second = operator.post(address(run, verb), data, headers=HTMX)

    assert (first.status_code, first.content) == (204, b"")
    assert list(events(first)) == ["modal-close", "run-changed", "notice"]
    assert run.pk.hex[-8:] in notice(first)
    assert status_of(run) == after
    assert second.status_code in (204, 409)
    assert status_of(run) == after
    assert told(run) == [WORDS[verb]]


@pytest.mark.parametrize(("verb", "status", "title", "button", "after", "data"), CASES)
def test_without_script_it_redirects_to_the_run_with_a_message(
    operator, verb, status, title, button, after, data
) -> None:
    run = make_run(make_workflow(), status=status)

    page = operator.post(address(run, verb), data, follow=True)

    assert page.redirect_chain == [(f"/automations/runs/{run.pk}/", 302)]
    assert status_of(run) == after
    region = re.search(r'role="status">(.*?)</div>', text_of(page), re.DOTALL).group(1)
    assert run.pk.hex[-8:] in region


@pytest.mark.parametrize("verb", list(OPEN_VERBS))
def test_closed_run_has_nothing_to_do(operator: Client, verb: str) -> None:
    run = make_run(make_workflow(), status="success")

    asked = operator.get(address(run, verb))
    done = operator.post(address(run, verb), OPEN_VERBS[verb][4], headers=HTMX)

    assert "Nothing to do: the run has ended as Success." in text_of(asked)
    assert buttons(asked) == []
    assert notice(done) == "Nothing to do: the run has ended as Success."
    assert told(run) == []


@pytest.mark.parametrize("verb", ["pause", "resume", "delete", "nothing"])
def test_other_words_are_not_found(operator: Client, verb: str) -> None:
    run = make_run(make_workflow())

    assert operator.get(address(run, verb)).status_code == 404


def test_cancelling_what_executes_says_that_it_ends_later(operator: Client) -> None:
    run = make_run(make_workflow(), status="running")

    answer = operator.post(address(run, "cancel"), headers=HTMX)

    assert notice(answer) == f"Run {run.pk.hex[-8:]} ends at its next step boundary."
    assert Run.objects.values_list("status", "wish").get(pk=run.pk) == ("running", "cancel")
    again = operator.post(address(run, "cancel"), headers=HTMX)
    assert notice(again) == "Nothing to do: the run ends at its next step boundary."


def test_release_is_refused_while_paused_and_says_what_to_do(operator: Client) -> None:
    run = make_run(make_workflow(status="paused"), status="held", reason="paused")

    for answer in (
        operator.get(address(run, "release")),
        operator.post(address(run, "release"), headers=HTMX),
    ):
        assert answer.status_code == 409
        assert "The workflow is Paused. Resume it to let held runs go." in text_of(answer)
        assert buttons(answer) == []
    assert status_of(run) == "held"


def test_discard_needs_the_tick(operator: Client) -> None:
    run = make_run(make_workflow(), status="held")

    answer = operator.post(address(run, "discard"), headers=HTMX)

    assert answer.status_code == 422
    assert 'id="error-summary"' in text_of(answer)
    assert "This cannot be brought back" in text_of(answer)
    assert status_of(run) == "held"


def test_held_verbs_do_nothing_to_another_status(operator: Client) -> None:
    run = make_run(make_workflow(), status="waiting")

    answer = operator.post(address(run, "discard"), {"tick": "on"}, headers=HTMX)

    assert notice(answer) == "Nothing to do: the run is Waiting, not Held."
    assert status_of(run) == "waiting"


@pytest.mark.parametrize(
    ("how", "button", "outcome"),
    [("done", "Mark done", "success"), ("repeat", "Repeat", "failed"), ("fail", "Fail", "failed")],
)
def test_decision_named_in_the_address_is_only_confirmed(
    operator: Client, how: str, button: str, outcome: str
) -> None:
    run = make_run(make_workflow(), status="needs_decision", error_step="greet")
    StepAttempt.objects.create(
        run=run, step_id="greet", kind="set", status="started", started_at=run.received_at
    )

    asked = operator.get(f"{address(run, 'decide')}?as={how}")
    answer = operator.post(address(run, "decide"), {"as": hidden(asked, "as")}, headers=HTMX)

    assert buttons(asked) == [button]
    assert "whether the target acted is unknown" in text_of(asked)
    assert answer.status_code == 204
    assert status_of(run) == "waiting"
    settled = StepAttempt.objects.get(run=run)
    assert (settled.status, settled.is_final) == (outcome, how != "repeat")


@pytest.mark.parametrize("given", [{}, {"as": "nonsense"}])
def test_decision_must_be_one_of_three(operator: Client, given: dict[str, str]) -> None:
    run = make_run(make_workflow(), status="needs_decision")

    answer = operator.post(address(run, "decide"), given, headers=HTMX)

    assert answer.status_code == 422
    assert status_of(run) == "needs_decision"


def test_run_that_needs_no_decision_refuses_one(operator: Client) -> None:
    run = make_run(make_workflow(), status="running")

    answer = operator.post(address(run, "decide"), {"as": "done"}, headers=HTMX)

    assert answer.status_code == 409
    assert "The run is Running and needs no decision." in text_of(answer)


def test_event_names_the_person_and_the_page(client: Client) -> None:
    run = make_run(make_workflow(), status="pending")

    client_of(make_user("operator", username="olga")).post(address(run, "kill"))

    event = AuditEvent.objects.get(subject_kind="run")
    assert (event.event, event.actor_label, event.origin, event.subject_id) == (
        "Run killed",
        "olga",
        "page",
        str(run.pk),
    )
