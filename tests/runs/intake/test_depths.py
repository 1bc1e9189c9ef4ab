"""A run that asks a webhook or sends an event is counted as what started the runs that come of it."""

import pytest

from runs.engine import performing
from runs.models import Run
from tests.runs.engine.driving import accept, advance, sink, workflow_of
from tests.runs.intake.deliveries import nothing_left, plain, post
from tests.runs.intake.sent_events import EVENT, listener, send
from workflows.outgoing import OutgoingRequest
from workflows.outgoing import send as send_request

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

DEPTH = "Signalbox-Depth"


@pytest.mark.parametrize(("told", "depth"), [("0", 1), ("4", 5), ("7", 8)])
def test_run_of_a_delivery_lies_one_deeper_than_the_run_that_sent_it(told: str, depth: int) -> None:
    assert post(plain(), **{DEPTH: told}).status_code == 202
    assert Run.objects.get().depth == depth


@pytest.mark.parametrize("told", ["8", "9", "999", "9" * 5_000])
def test_delivery_from_the_last_run_is_refused(told: str) -> None:
    answer = post(plain(), **{DEPTH: told})

    assert (answer.status_code, answer.json()["code"]) == (422, "too_deep")
    assert answer.json()["detail"] == "Workflows may start one another 8 deep; this run is the last."
    assert nothing_left()


@pytest.mark.parametrize("told", ["", "-1", "two", "1.5", "٣", "1 2"])
def test_word_that_is_no_depth_counts_for_nothing(told: str) -> None:
    assert post(plain(), **{DEPTH: told}).status_code == 202
    assert Run.objects.get().depth == 0


def test_delivery_of_a_run_is_known_when_it_comes_again() -> None:
    trigger = plain(dedupe="body:id")
    first, again = (post(trigger, b'{"id": "d1"}', **{DEPTH: "2"}) for _ in range(2))

    assert first.json() == again.json()
    assert again.headers["Signalbox-Duplicate"] == "true"
    assert [run.depth for run in Run.objects.all()] == [3]


def test_runs_of_an_event_lie_one_deeper_than_the_run_that_sent_it() -> None:
    listener()
    assert send(EVENT, **{DEPTH: "3"}).status_code == 202
    assert Run.objects.get().depth == 4


def test_event_from_the_last_run_is_refused() -> None:
    listener()
    answer = send(EVENT, **{DEPTH: "8"})

    assert (answer.status_code, answer.json()["code"]) == (422, "too_deep")
    assert not Run.objects.exists()


def test_requests_of_a_run_say_how_deep_it_lies_whatever_its_definition_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[OutgoingRequest] = []
    monkeypatch.setattr(performing, "send", lambda request: sent.append(request) or send_request(request))
    with sink() as target:
        step = {"id": "call", "kind": "http_request", "url": target.url, "headers": {"signalbox-depth": "0"}}
        run = accept(workflow_of(step))
        Run.objects.filter(pk=run.pk).update(depth=6)
        assert advance(run).status == "success"

    written = [(name, text) for name, text in sent[0].headers.items() if name.lower() == DEPTH.lower()]
    assert written == [(DEPTH, "6")]
    assert target.seen[0][2][DEPTH.lower()] == "6"
