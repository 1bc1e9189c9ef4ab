"""Which files are imported for which `-m`: all that can hold a chosen test, and no others."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.collecting import can_hold_a_chosen_test, pytest_collection_modifyitems

PLAIN = "def test_it() -> None: ..."
MARKED = "@pytest.mark.{}\ndef test_it() -> None: ..."
UNIT = "not browser and not journey"


@pytest.fixture
def file_of(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "test_one.py"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize(
    ("text", "chosen", "is_read"),
    [
        (PLAIN, "", True),
        (PLAIN, UNIT, True),
        (PLAIN, "browser", False),
        (PLAIN, "stack and not journey", False),
        (PLAIN, "django_db", True),
        (MARKED.format("browser"), "browser", True),
        (MARKED.format("browser"), "journey and not browser", False),
        # Another test of the file may have no mark.
        (MARKED.format("browser"), UNIT, True),
        (MARKED.format("stack") + MARKED.format("journey"), "stack and journey", True),
    ],
)
def test_only_files_that_can_hold_a_chosen_test_are_read(file_of, text, chosen, is_read) -> None:
    assert can_hold_a_chosen_test(file_of(text), chosen) is is_read


def test_mark_that_comes_from_elsewhere_is_told(file_of) -> None:
    marked = SimpleNamespace(
        path=file_of(PLAIN), nodeid="test_it", iter_markers=lambda: [pytest.mark.browser.mark]
    )

    with pytest.raises(pytest.UsageError, match=r"^test_it: its file names no mark\.browser$"):
        pytest_collection_modifyitems([marked])


def test_what_takes_minutes_begins_first_and_the_others_keep_their_order(file_of) -> None:
    path = file_of(PLAIN)
    marks = {"a": [], "b": [pytest.mark.takes_minutes.mark], "c": [], "d": [pytest.mark.takes_minutes.mark]}
    items = [
        SimpleNamespace(path=path, nodeid=name, iter_markers=partial(iter, its))
        for name, its in marks.items()
    ]

    pytest_collection_modifyitems(items)

    assert [item.nodeid for item in items] == ["b", "d", "a", "c"]
