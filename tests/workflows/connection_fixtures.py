"""Fixtures of the tests about connections."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from tests.workflows.sink import Sink, serving


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """An external system that requests may reach."""
    settings.EGRESS_ALLOW = [ip_network("127.0.0.0/8")]
    with serving() as sink:
        yield sink
