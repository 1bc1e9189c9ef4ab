"""What a disk holds after power loss, whether every act is recorded, and whether the method sees a loss."""

import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.chaos.power.acts import (
    CREATE,
    FILES,
    FLUSH,
    FOLDER,
    HEADER,
    TRUNCATE,
    UNLINK,
    WRITE,
    Act,
    compiled,
    read,
)
from tests.chaos.power.disk import SECTOR, State, after_power_loss, as_written
from tests.chaos.power.session import record
from tests.chaos.power.verdict import verdicts

OLD, NEW = b"o" * 3 * SECTOR, b"n" * 3 * SECTOR
LATER = 1_000
DRAWS = 300


def act(
    operation: str, begin: int, *, file: str = "m", offset: int = 0, data: bytes = b"", lasts: int = 1
) -> Act:
    return Act(operation, file, begin, begin + lasts, offset, data)


def flushed(*, file: str = "m", data: bytes = OLD) -> list[Act]:
    """A file that is on the disk for sure at 30."""
    return [act(CREATE, 0, file=file), act(WRITE, 10, file=file, data=data), act(FLUSH, 20, file=file)]


def left(acts: list[Act], moment: int = LATER) -> list[State]:
    """What many power losses at one moment leave."""
    return [after_power_loss(acts, moment, random.Random(seed)) for seed in range(DRAWS)]


def contents(acts: list[Act], moment: int = LATER) -> set[bytes | None]:
    return {state.get("m") for state in left(acts, moment)}


def test_what_was_flushed_stays() -> None:
    assert contents(flushed()) == {OLD}


def test_write_that_was_not_flushed_may_be_there_or_not_or_torn_between_sectors() -> None:
    found = contents([*flushed(), act(WRITE, 40, data=NEW)])

    assert found > {OLD, NEW, OLD[:SECTOR] + NEW[:SECTOR] + OLD[:SECTOR]}
    assert all(
        content[at] == content[at + SECTOR - 1] for content in found for at in range(0, 3 * SECTOR, SECTOR)
    )


def test_later_write_may_be_there_without_the_earlier_one() -> None:
    acts = [*flushed(), act(WRITE, 40, data=b"1" * SECTOR), act(WRITE, 50, offset=SECTOR, data=b"2" * SECTOR)]
    assert b"o" * SECTOR + b"2" * SECTOR + b"o" * SECTOR in contents(acts)


def test_sector_holds_all_that_the_cache_held_of_it() -> None:
    acts = [*flushed(data=b"o" * 9), act(WRITE, 40, data=b"123"), act(WRITE, 50, offset=3, data=b"456")]
    assert contents(acts) == {b"o" * 9, b"123oooooo", b"123456ooo"}


@pytest.mark.parametrize(
    ("flush", "moment"),
    [(act(FLUSH, 41, lasts=20), LATER), (act(FLUSH, 60, lasts=20), 70), (act(FLUSH, 60, file="w"), LATER)],
    ids=["began before the write ended", "is not over", "is another file's"],
)
def test_flush_keeps_no_write_when_it(flush: Act, moment: int) -> None:
    assert OLD in contents([*flushed(), act(WRITE, 40, data=NEW, lasts=10), flush], moment)


def test_what_had_not_begun_is_not_there() -> None:
    assert contents([*flushed(), act(WRITE, 40, data=NEW)], moment=40) == {OLD}


def test_size_that_was_not_flushed_may_be_lost_and_what_was_not_written_between_reads_as_zeros() -> None:
    acts = [*flushed(), act(WRITE, 40, offset=4 * SECTOR, data=b"n" * SECTOR)]
    assert contents(acts) == {OLD, OLD + bytes(SECTOR) + b"n" * SECTOR}


def test_truncation_may_be_undone_until_it_is_flushed() -> None:
    acts = [*flushed(), act(TRUNCATE, 40, offset=SECTOR)]

    assert contents(acts) == {OLD, OLD[:SECTOR]}
    assert contents([*acts, act(FLUSH, 50)]) == {OLD[:SECTOR]}


def test_name_may_be_lost_until_the_file_or_its_folder_is_flushed() -> None:
    acts = [act(CREATE, 0)]

    assert contents(acts) == {None, b""}
    assert contents([*acts, act(FLUSH, 20, file=FOLDER)]) == contents([*acts, act(FLUSH, 20)]) == {b""}


def test_removal_may_be_undone_until_the_folder_is_flushed() -> None:
    acts = [*flushed(), act(UNLINK, 40)]

    assert contents(acts) == {None, OLD}
    assert contents([*acts, act(FLUSH, 50, file=FOLDER)]) == {None}


def test_newer_file_of_the_name_stands_for_the_older_one() -> None:
    older = [*flushed(), act(UNLINK, 40)]

    assert contents([*older, act(CREATE, 50)]) == {None, OLD, b""}
    assert contents([*older, act(CREATE, 50), act(FLUSH, 60)]) == {b""}


def test_records_are_read_as_they_were_written(tmp_path: Path) -> None:
    log = tmp_path / "recording"
    records = [HEADER.pack(1, 2, 0, 0, b"c", b"w"), HEADER.pack(3, 5, 8, 3, b"w", b"w") + b"new"]
    log.write_bytes(b"".join(records))

    assert read(log) == [act(CREATE, 1, file="w"), act(WRITE, 3, file="w", offset=8, data=b"new", lasts=2)]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    made = compiled(tmp_path)
    if made is None:
        pytest.skip("there is no C compiler")
    return made


COMMITS = """
import os, sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY)")
database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = {sys.argv[2]}; PRAGMA wal_autocheckpoint = 20")
for number in range(100):
    database.execute("INSERT INTO kept VALUES (?)", [number])
    print(time.monotonic_ns(), flush=True)
os._exit(0)
"""


def committed(library: Path, folder: Path, sync: str) -> tuple[list[Act], list[int]]:
    """What a process did to a database, and when each of its commits had returned."""
    given = {
        **os.environ,
        "LD_PRELOAD": str(library),
        "RECORDED_DATABASE": str(folder / "kept"),
        "RECORDING": str(folder / "recording"),
    }
    command = [sys.executable, "-c", COMMITS, str(folder / "kept"), sync]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=True)
    return read(folder / "recording"), [int(moment) for moment in done.stdout.split()]


def rows_after_power_loss(folder: Path, acts: list[Act], moment: int, seed: int) -> int:
    copy = folder / f"copy-{seed}"
    for file, content in after_power_loss(acts, moment, random.Random(seed)).items():
        copy.with_name(f"{copy.name}{FILES[file]}").write_bytes(content)
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(database.execute("SELECT count(*) FROM kept").fetchone()[0])


def test_recording_gives_the_files_that_stand(library: Path, tmp_path: Path) -> None:
    acts, _returned = committed(library, tmp_path, "FULL")
    standing = {file: (tmp_path / f"kept{FILES[file]}").read_bytes() for file in "mw"}
    assert as_written(acts) == standing


def test_plain_sqlite_keeps_what_it_committed_when_it_flushes_each_commit(
    library: Path, tmp_path: Path
) -> None:
    acts, returned = committed(library, tmp_path, "FULL")
    for number in range(0, 100, 3):
        assert rows_after_power_loss(tmp_path, acts, returned[number], seed=number) >= number + 1


def test_plain_sqlite_loses_commits_when_it_flushes_at_checkpoints_only(
    library: Path, tmp_path: Path
) -> None:
    acts, returned = committed(library, tmp_path, "NORMAL")
    found = [rows_after_power_loss(tmp_path, acts, returned[n], seed=n) - (n + 1) for n in range(0, 100, 3)]
    assert min(found) < 0


@pytest.mark.journey
def test_power_loss_without_a_flush_per_commit_undoes_accepted_triggers(library: Path) -> None:
    recording = record(library, sync="normal", seconds=1.5)

    found = list(verdicts(recording, 8, random.Random(7)))

    assert recording.is_complete
    assert [verdict.broken for verdict in found] == [[]] * 8
    assert any(verdict.missing for verdict in found)
