"""Group commit: who comes while another writes is written together with the rest, and never suffers for them."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from runs.statements.together import Together


class Slow:
    """Writes numbers; the first write waits until it may go on."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun, self.may_go = threading.Event(), threading.Event()

    def write(self, items: Sequence[int]) -> list[int]:
        self.groups.append(sorted(items))
        if len(self.groups) == 1:
            self.begun.set()
            assert self.may_go.wait(10)
        if 13 in items:
            raise ValueError("13")
        if 33 in items:
            raise KeyboardInterrupt
        if 23 in items:
            raise OperationalError("locked")
        return [item * 10 for item in items]


def add_all(together: Together[int, int], slow: Slow, numbers: Sequence[int]) -> list[int | str]:
    """The first writes while all the others come; gives each one's result or problem."""

    def add(number: int) -> int | str:
        try:
            return together.add(number)
        except (ValueError, OperationalError, KeyboardInterrupt) as problem:
            return str(problem)

    with ThreadPoolExecutor(len(numbers) + 1) as pool:
        first = pool.submit(add, 0)
        assert slow.begun.wait(10)
        others = [pool.submit(add, number) for number in numbers]
        while len(together._waiting) < len(numbers):
            pass
        slow.may_go.set()
        return [first.result(10), *(other.result(10) for other in others)]


def test_one_alone_is_written_at_once() -> None:
    slow = Slow()
    slow.may_go.set()
    assert Together(slow.write, gathering=0.002).add(4) == 40
    assert slow.groups == [[4]]


def test_those_who_come_while_another_writes_are_written_together_and_get_their_own_results() -> None:
    slow = Slow()
    results = add_all(Together(slow.write, gathering=0.002), slow, [1, 2, 3, 4, 5])
    assert results == [0, 10, 20, 30, 40, 50]
    assert slow.groups == [[0], [1, 2, 3, 4, 5]]


def test_one_that_cannot_be_written_fails_alone() -> None:
    slow = Slow()
    results = add_all(Together(slow.write, gathering=0.002), slow, [1, 13, 3])
    assert results == [0, 10, "13", 30]
    assert slow.groups[:2] == [[0], [1, 3, 13]]
    assert sorted(slow.groups[2:]) == [[1], [3], [13]]


def test_a_failure_alone_is_raised_as_it_is_and_the_next_goes_on() -> None:
    slow = Slow()
    slow.may_go.set()
    together = Together(slow.write, gathering=0.002)
    with pytest.raises(ValueError, match="13"):
        together.add(13)
    assert together.add(2) == 20


def test_database_that_takes_nothing_is_not_asked_again_for_each() -> None:
    slow = Slow()
    results = add_all(Together(slow.write, gathering=0.002), slow, [1, 23, 3])
    assert results == [0, "locked", "locked", "locked"]
    assert slow.groups == [[0], [1, 3, 23]]


def test_thread_that_is_interrupted_while_it_writes_leaves_nobody_waiting() -> None:
    slow = Slow()
    together = Together(slow.write, gathering=0.002)
    results = add_all(together, slow, [1, 33, 3])
    assert results[0] == 0
    assert sorted(results[1:]) == ["", *["The writing thread was interrupted."] * 2]
    assert together.add(5) == 50
