"""ISO 8601 durations."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.definition.durations import DurationRefused, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT0S", timedelta(0)),
        ("PT1.5S", timedelta(seconds=1.5)),
        ("PT90M", timedelta(minutes=90)),
        ("P3D", timedelta(days=3)),
        ("P2W", timedelta(days=14)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("P366D", timedelta(days=366)),
    ],
)
def test_parse_duration_reads(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1",
        "1D",
        "PT1",
        "P1DT",
        "P-1D",
        "-P1D",
        "PT1H1D",
        "p1d",
        "P1.5D",
        "P\u0661D",
        "PT1S ",
        "P1D\n",
        "P367D",
        "P999999999D",
    ],
)
def test_parse_duration_refuses(text: str) -> None:
    with pytest.raises(DurationRefused):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P1M", "P1Y", "P1Y2M3D", "P1MT1M"])
def test_parse_duration_refuses_what_has_no_fixed_length(text: str) -> None:
    with pytest.raises(DurationRefused, match="Months and years have no fixed length"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(seconds=90), "PT1M30S"),
        (timedelta(days=30), "P30D"),
        (timedelta(hours=24, microseconds=250_000), "P1DT0.25S"),
    ],
)
def test_format_duration_writes(length: timedelta, text: str) -> None:
    assert format_duration(length) == text


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=366)))
def test_format_duration_comes_back_the_same(length: timedelta) -> None:
    assert parse_duration(format_duration(length)) == length
