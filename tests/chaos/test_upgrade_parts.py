"""What R54 relies on: another release's files, and what a process complains of."""

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import opened, releases
from tests.chaos.rows import upgrade
from tests.chaos.senders import Answer
from tests.chaos.stacks import STACKS
from tests.chaos.upgrading import complaints


class Idle:
    """A rig of which nothing is wanted but that nobody works in it."""

    stack = STACKS["E"]

    def staff(self, workers: int, **more: int) -> None:
        assert workers == 0


def test_unknown_revision_is_told_in_a_sentence() -> None:
    with (
        pytest.raises(releases.NotThere, match="this clone has no revision nowhere"),
        releases.checked_out("nowhere"),
    ):
        pass


def test_without_git_the_row_says_why_it_was_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    rig: Any = Idle()

    outcome = upgrade.upgraded(rig, 1)

    assert (outcome.count, outcome.failures) == (0, [])
    assert outcome.measured == "not run: git is not installed"


def test_revision_is_the_one_that_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAOS_UPGRADE_FROM", raising=False)
    assert [releases.revision(STACKS[letter]) for letter in "EPQ"] == ["fa485be", "fa485be", "e44b810"]

    monkeypatch.setenv("CHAOS_UPGRADE_FROM", "v1")
    assert releases.revision(STACKS["Q"]) == "v1"


def test_release_is_checked_out_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(releases, "_archive", lambda _revision: tar_of(tmp_path))

    with releases.checked_out("any") as folder:
        assert (folder / "manage.py").read_text() == "pass"
        assert not releases.counts_figures(folder)

    assert not folder.exists()


def tar_of(folder: Path) -> bytes:
    (folder / "manage.py").write_text("pass")
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as files:
        files.add(folder / "manage.py", "manage.py")
    return written.getvalue()


def test_last_line_of_each_traceback_is_told(tmp_path: Path) -> None:
    broken = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    f()\nOSError: gone\nready\n'
    )
    (tmp_path / "web.log").write_text(f"ready\n{broken}")
    (tmp_path / "worker0.log").write_text("ready\n")

    assert complaints(tmp_path) == ["web wrote a traceback: OSError: gone"]


def test_kinds_of_open_runs_that_are_not_there_are_named() -> None:
    run = {"status": "waiting", "reason": "delay", "started_at": 1.0, "number": 1}

    found = opened.missing([run, {**run, "reason": "retry"}], (1, 2))

    assert found == ["in a slow step", "pending", "held on its way", "a held trigger", "waiting by version 2"]


def test_longest_gap_lies_between_two_acceptances() -> None:
    answers = [Answer("d", 202, sent_at=moment, seconds=0.5) for moment in (10.0, 1.0, 3.0)]

    assert upgrade.longest_gap(answers) == 7.0
    assert upgrade.longest_gap([]) == 0.0
