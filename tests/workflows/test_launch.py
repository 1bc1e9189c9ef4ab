"""What a launch lets through: exact for every count, and no sender's rhythm decides."""

from decimal import Decimal

import pytest

from workflows.launch import Launch

SHARES = ("0.0001", "0.01", "0.1", "0.25", "0.3", "0.5", "0.75", "0.9", "0.9999")


def passed(launch: Launch, count: int, seed: int = 7) -> list[int]:
    return [place for place in range(1, count + 1) if launch.lets(place, seed)]


def test_first_lets_through_the_first_and_no_more() -> None:
    assert passed(Launch("first", 20), 100) == list(range(1, 21))


@pytest.mark.parametrize("share", SHARES)
def test_share_is_exact_at_every_count(share: str) -> None:
    launch, let = Launch.of_share(Decimal(share)), 0
    for place in range(1, 2_001):
        let += launch.lets(place, 7)
        assert let == launch.let(place, 7)
        # Within the stretch that runs now it owes at most one.
        assert abs(let - Decimal(share) * place) <= 1


@pytest.mark.parametrize("share", SHARES)
def test_first_trigger_of_a_share_is_let_through(share: str) -> None:
    assert Launch.of_share(Decimal(share)).lets(1, 7)


def test_share_follows_no_rhythm_and_is_the_same_each_time() -> None:
    tenth = Launch.of_share(Decimal("0.1"))
    assert len(passed(tenth, 1_000)) == 100
    assert len({place % 10 for place in passed(tenth, 1_000)}) == 10
    assert passed(tenth, 1_000) == passed(tenth, 1_000) != passed(tenth, 1_000, seed=8)


@pytest.mark.parametrize("text", ["first 20", "share 0.1", "share 0.9999", "scope card:spring"])
def test_text_is_read_as_it_is_written(text: str) -> None:
    assert str(Launch.read(text)) == text


def test_empty_text_is_no_launch() -> None:
    assert Launch.read("") is None


def test_scope_lets_through_what_came_from_inside_it() -> None:
    launch = Launch("scope", scope="hub:sydney")
    assert launch.lets(1, 7, frozenset({"card:spring", "hub:sydney", "workspace"}))
    assert not launch.lets(1, 7, frozenset({"hub:perth", "workspace"}))
    assert not launch.lets(1, 7)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("first 21", "first 20", True),
        ("first 20", "first 20", False),
        ("first 19", "first 20", False),
        ("share 0.2", "share 0.1", True),
        ("share 0.2", "first 1", False),
        ("scope hub:a", "scope card:b", False),
    ],
)
def test_wider_means_more_of_the_same_kind(one: str, other: str, expected: bool) -> None:
    first, second = Launch.read(one), Launch.read(other)
    assert first and second
    assert first.is_wider_than(second) is expected
