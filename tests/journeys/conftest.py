from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.processes import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A Signalbox of its own with an empty data folder."""
    made = Installation(tmp_path)
    yield made
    made.end()
