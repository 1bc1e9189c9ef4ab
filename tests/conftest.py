"""Fixtures that every test may use."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from audit import retention
from audit.models import AuditEvent, AuditHead
from tests.chromium import browser as browser


@pytest.fixture(autouse=True)
def audit_emptied_by_its_own_path(request: pytest.FixtureRequest) -> Iterator[None]:
    """Transactional tests flush every table; the audit table lets go of its events through retention only."""
    marker = request.node.get_closest_marker("django_db")
    transactional = (marker and marker.kwargs.get("transaction")) or (
        {"transactional_db", "live_server", "signalbox"} & set(request.fixturenames)
    )
    if not transactional:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    with retention.unlocked("a test ends"):
        AuditEvent.objects.all().delete()
        AuditHead.objects.all().delete()


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """No test sees what another one cached."""
    cache.clear()
