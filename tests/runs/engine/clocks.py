"""A clock that a test can set: what the product reads as the present instant."""

from datetime import UTC, datetime, timedelta

import pytest

from config import clock


class Clock:
    """Every `stamp()` lies `ahead` of the present, on every database."""

    vendor = "any: the host's clock is read"

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta(0)
        monkeypatch.setattr(clock, "connection", self)
        monkeypatch.setattr(clock, "datetime", self)

    def set(self, by: timedelta) -> None:
        self.ahead += by

    def now(self, zone: object) -> datetime:
        return datetime.now(UTC) + self.ahead
