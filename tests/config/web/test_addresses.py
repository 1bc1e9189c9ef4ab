"""The address is the state."""

import pytest
from django.http import QueryDict

from config.web import addresses


@pytest.mark.parametrize(
    ("given", "changes", "expected"),
    [
        ("", {}, ""),
        ("q=&status=", {}, ""),
        ("status=active&status=paused", {}, "?status=active,paused"),
        ("page=2&q=x&status=active%2Cpaused", {}, "?status=active,paused&q=x&page=2"),
        ("since=abc&q=x", {}, "?q=x"),
        ("q=x&page=3", {"page": None}, "?q=x"),
        ("q=x", {"page": 2}, "?q=x&page=2"),
        ("q=a%26b%3D%22c", {}, "?q=a%26b%3D%22c"),
        ("odd=1&q=x", {}, "?q=x&odd=1"),
    ],
)
def test_query_has_one_order_and_no_empty_values(given, changes, expected):
    assert addresses.query(QueryDict(given), changes, order=["status", "q", "page"]) == expected
