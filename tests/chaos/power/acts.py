"""What the recorder wrote down: every act of every process on the database's files."""

import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

HEADER = struct.Struct("<qqqIcc2x")
FILES = {"m": "", "w": "-wal", "j": "-journal"}
"""The recorder's letters, and what each file's name adds to the database's."""
FOLDER = "d"
CREATE, TRUNCATE, WRITE, FLUSH, UNLINK = "ctwfu"


@dataclass(frozen=True)
class Act:
    """One call on a file that succeeded; times in nanoseconds of the monotonic clock. A truncation's size is its offset."""

    operation: str
    file: str
    begin: int
    end: int
    offset: int = 0
    data: bytes = b""


def compiled(folder: Path) -> Path | None:
    """The recorder as a library in the folder; None where there is no C compiler. Raises when it does not compile."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "recorder.so"
    source = Path(__file__).with_name("recorder.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    return library


def read(recording: Path) -> list[Act]:
    """All acts in the order in which they ended: for acts on the same bytes SQLite's locks make it the true one."""
    log, place, acts = recording.read_bytes(), 0, []
    while place < len(log):
        begin, end, offset, length, operation, file = HEADER.unpack_from(log, place)
        place += HEADER.size
        acts.append(Act(operation.decode(), file.decode(), begin, end, offset, log[place : place + length]))
        place += length
    return acts
