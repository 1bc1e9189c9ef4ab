from typing import Any

import pytest

from runs.engine import doorbell


@pytest.fixture(autouse=True)
def room_at_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rings of other tests may lie at a broker that no worker serves."""
    monkeypatch.setattr(doorbell, "is_full", lambda: False)


@pytest.fixture(autouse=True)
def room_for_every_thread(settings: Any) -> None:
    """Tests advance many runs of one workflow at once in threads of their own; bulkheads have tests of their own."""
    settings.WORKFLOW_SLOTS = 100
