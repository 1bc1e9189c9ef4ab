"""The signed file outside the database."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from audit import anchors
from audit.models import AuditHead
from tests.audit.events import execute, make_events, unguarded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def test_anchor_says_where_the_chain_ends() -> None:
    make_events(3)

    assert anchors.write_anchor() is True

    head, (anchor,) = AuditHead.objects.get(), anchors.read()
    assert (anchor.sequence, anchor.hash) == (3, head.hash)
    assert set(json.loads(anchors.path().read_text())) == {"at", "sequence", "hash", "signature"}


def test_nothing_new_writes_nothing() -> None:
    assert anchors.write_anchor() is False
    make_events(1)
    anchors.write_anchor()

    assert anchors.write_anchor() is False
    assert len(list(anchors.read())) == 1


def test_anchors_are_read_in_order() -> None:
    for _ in range(3):
        make_events(2)
        anchors.write_anchor()

    assert [anchor.sequence for anchor in anchors.read()] == [2, 4, 6]


def test_removed_line_is_found() -> None:
    for _ in range(3):
        make_events(1)
        anchors.write_anchor()
    first, _, third = anchors.path().read_text().splitlines(keepends=True)
    anchors.path().write_text(first + third)

    with pytest.raises(anchors.AnchorsBroken, match="Line 2"):
        list(anchors.read())


@pytest.mark.parametrize("line", ["nonsense\n", "{}\n", "[1]\n", '{"at": 1}\n'])
def test_line_that_is_not_ours_is_found(line: str) -> None:
    make_events(1)
    anchors.write_anchor()
    with anchors.path().open("a") as file:
        file.write(line)

    with pytest.raises(anchors.AnchorsBroken, match="Line 2"):
        list(anchors.read())


def test_line_torn_by_a_crash_is_skipped_and_mended() -> None:
    make_events(1)
    anchors.write_anchor()
    with anchors.path().open("a") as file:
        file.write('{"at": "2026-')
    assert [anchor.sequence for anchor in anchors.read()] == [1]

    make_events(1)
    anchors.write_anchor()

    assert [anchor.sequence for anchor in anchors.read()] == [1, 2]


def test_shortened_chain_is_not_anchored_over(caplog: pytest.LogCaptureFixture) -> None:
    make_events(3)
    anchors.write_anchor()
    with unguarded():
        execute("DELETE FROM audit_auditevent WHERE id > 1")
        execute("UPDATE audit_audithead SET sequence = 1")

    with caplog.at_level(logging.ERROR):
        assert anchors.write_anchor() is False

    assert "before its anchor at 3" in caplog.text
    assert [anchor.sequence for anchor in anchors.read()] == [3]
