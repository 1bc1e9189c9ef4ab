"""Fixtures that every test may use."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management.commands import flush
from django.db.backends.base.base import BaseDatabaseWrapper

from audit import anchors, retention
from audit.models import AuditEvent, AuditHead
from tests.chromium import browser as browser
from tests.collecting import pytest_collection_modifyitems as pytest_collection_modifyitems
from tests.collecting import pytest_ignore_collect as pytest_ignore_collect
from tests.garbage import pytest_collection_finish as pytest_collection_finish
from tests.garbage import pytest_configure as pytest_configure
from tests.static_files import static_files_listed_once as static_files_listed_once

# What Django makes anew after each flush, at ten times the price of the flush; no test changes it.
MADE_BY_MIGRATE = {"django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def flush_that_leaves_what_migrate_made() -> Iterator[None]:
    """Transactional tests flush every table; those of `migrate` stay as they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", _flush_of_the_others)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_args: None)
        yield


def _flush_of_the_others(style: Any, connection: BaseDatabaseWrapper, **options: bool) -> list[str]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    others = [name for name in tables if name not in MADE_BY_MIGRATE]
    if connection.vendor == "postgresql":
        return [f"DELETE FROM {connection.ops.quote_name(name)}" for name in _filled(connection, others)]
    return connection.ops.sql_flush(style, others, **options)


def _filled(connection: BaseDatabaseWrapper, tables: list[str]) -> list[str]:
    """TRUNCATE makes a new file for each table, and a test fills a few: these alone are worth emptying.

    In any order, for Django's foreign keys are looked at as the transaction ends.
    """
    asked = [f"(SELECT '{name}' FROM {connection.ops.quote_name(name)} LIMIT 1)" for name in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [name for (name,) in cursor.fetchall()]


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
def own_anchors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test's database has a chain of its own, and all share one data folder: so has its file of anchors."""
    monkeypatch.setattr(anchors, "path", lambda: tmp_path / "audit-anchors.jsonl")


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """No test sees what another one cached."""
    cache.clear()
