"""How much one sender may deliver: a minute's worth at once, then one at a time, counted over forked processes."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from runs.intake import rates
from runs.intake.rates import LOOKED_AT, Rates
from runs.models import Run
from tests.runs.intake.deliveries import plain, post
from tests.runs.intake.material import body_for, make_signed, signed

AT = 1_000_000.3


def taken(counted: Rates, sender: int, per_minute: int, *, at: float, tries: int) -> int:
    return sum(counted.wait(sender, per_minute, at) == 0 for _ in range(tries))


@pytest.mark.parametrize("per_minute", [1, 7, 600, 100_000])
def test_minutes_worth_is_taken_at_once_and_no_more(per_minute: int) -> None:
    assert taken(Rates(), 5, per_minute, at=AT, tries=2 * per_minute) == per_minute


def test_then_one_is_taken_each_time_that_one_is_paid_off() -> None:
    counted = Rates()
    taken(counted, 5, 600, at=AT, tries=600)

    assert counted.wait(5, 600, AT + 0.04) == pytest.approx(0.06, abs=1e-6)
    assert taken(counted, 5, 600, at=AT + 0.1, tries=5) == 1
    assert taken(counted, 5, 600, at=AT + 1.1, tries=20) == 10
    assert taken(counted, 5, 600, at=AT + 100, tries=700) == 600


def test_what_is_refused_costs_its_sender_nothing() -> None:
    counted = Rates()
    taken(counted, 5, 60, at=AT, tries=1_000)

    assert taken(counted, 5, 60, at=AT + 1, tries=10) == 1


def test_senders_do_not_share_even_at_one_place() -> None:
    counted = Rates(places=16)
    assert [taken(counted, sender, 3, at=AT, tries=9) for sender in (1, 17, 33, 2)] == [3, 3, 3, 3]
    assert [taken(counted, sender, 3, at=AT, tries=9) for sender in (1, 17, 33, 2)] == [0, 0, 0, 0]


def test_place_of_one_who_owes_nothing_is_given_to_others() -> None:
    counted = Rates(places=1)
    assert taken(counted, 1, 60, at=AT, tries=1) == 1
    assert taken(counted, 2, 60, at=AT + 1.5, tries=90) == 60


def test_sender_without_a_place_is_not_counted() -> None:
    counted = Rates(places=LOOKED_AT)
    for sender in range(1, LOOKED_AT + 1):
        taken(counted, sender, 1, at=AT, tries=1)
    assert taken(counted, 99, 1, at=AT, tries=5) == 5


def test_forked_processes_count_together() -> None:
    counted = Rates()
    child = os.fork()
    if child == 0:
        os._exit(taken(counted, 5, 10, at=AT, tries=7))
    _pid, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 7
    assert taken(counted, 5, 10, at=AT, tries=9) == 3


@pytest.fixture
def five_a_minute(settings: Any) -> Iterator[None]:
    settings.DELIVERIES_PER_MINUTE = 5
    rates.prepare.cache_clear()
    yield
    rates.prepare.cache_clear()


@pytest.mark.django_db
@pytest.mark.usefixtures("five_a_minute")
def test_webhook_beyond_its_rate_says_when_and_others_are_taken() -> None:
    busy, other = plain(), plain()
    answers = [post(busy) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [202] * 5 + [429] * 2
    refusal = answers[-1]
    assert refusal.json()["code"] == "rate_limit"
    assert refusal.json()["detail"] == "This webhook takes 5 deliveries a minute. Send it again in 12 s."
    assert refusal.headers["Retry-After"] == "12"
    assert post(other).status_code == 202
    assert Run.objects.count() == 6


@pytest.mark.django_db
@pytest.mark.usefixtures("five_a_minute")
def test_what_cannot_be_read_counts_and_a_wrong_signature_does_not() -> None:
    trigger, secret = make_signed("github")
    assert {post(trigger).status_code for _ in range(7)} == {401}
    content = body_for("github", "d1")
    answer = post(trigger, content, **signed("github", secret, content))
    assert answer.status_code == 202
    open_to_all = plain()
    assert [post(open_to_all, b"{").status_code for _ in range(6)] == [422] * 5 + [429]


@pytest.mark.django_db
def test_without_the_setting_nothing_is_counted() -> None:
    trigger = plain()
    assert {post(trigger).status_code for _ in range(20)} == {202}
