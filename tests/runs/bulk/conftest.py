"""The people of the page tests act on many things too."""

import pytest

from tests.runs.views.conftest import manager as manager
from tests.runs.views.conftest import operator as operator
from tests.runs.views.conftest import viewer as viewer


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, the answer waits for all items."""
    monkeypatch.setattr("runs.views.bulk.asking.SECONDS", 60.0)
