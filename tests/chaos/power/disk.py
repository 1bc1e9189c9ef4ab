"""What a disk holds when the power goes at a moment: a journaling file system at its most hostile.

- An act is kept for sure when a flush of its file began after the act had ended, and ended before the moment.
- Of the acts that had begun and were not flushed, any may be there and any may not, in any order. A write may be torn
  into sectors of 512 bytes; a sector holds what the page cache held after one of the writes to it, and is never torn itself.
- A file's size is the last flushed one, or reaches to the last sector that is there; what was never written between
  reads as zeros. A truncation that was not flushed may be undone.
- A file's name is there for sure once the file itself or its folder was flushed, as ext4, XFS and Btrfs keep it (POSIX by
  itself asks for the folder). A removal that the folder's flush does not cover may be undone, until a newer file of
  that name is there.

Every draw takes another share of what was not flushed, from nothing to nearly everything: what half is lost is one
kind of damage, what one sector lacks another.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.chaos.power.acts import FILES, FLUSH, FOLDER, TRUNCATE, UNLINK, WRITE, Act

SECTOR = 512
SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)
TORN = 0.2

State = dict[str, bytes]
"""Contents by the recorder's letter; a file that does not exist is left out."""


@dataclass
class Life:
    """One file from its creation to its removal; another one may bear the name later."""

    acts: list[Act] = field(default_factory=list)
    removal: Act | None = None

    @property
    def is_over(self) -> bool:
        return self.removal is not None


def as_written(acts: list[Act]) -> State:
    """What the files held after all acts: what any process of that machine would have read."""
    kept = {}
    for file in FILES:
        lives = lives_of(acts, file)
        if lives and not lives[-1].is_over:
            kept[file] = bytes(applied(bytearray(), lives[-1].acts))
    return kept


def after_power_loss(acts: list[Act], moment: int, chance: random.Random) -> State:
    """What is left of the files when the power goes at the moment; drawn by chance from all that may be."""
    begun = [act for act in acts if act.begin < moment]
    folder = flushed_until((act for act in begun if act.file == FOLDER), moment)
    share = chance.choice(SHARES)
    kept = {}
    for file in FILES:
        life = _surviving(lives_of(begun, file), folder, moment, chance)
        if life is not None:
            kept[file] = _content(life.acts, flushed_until(life.acts, moment), share, chance)
    return kept


def lives_of(acts: Iterable[Act], file: str) -> list[Life]:
    """The files that bore this name, oldest first. Two processes may both believe that they made it."""
    lives: list[Life] = []
    for act in acts:
        if act.file != file:
            continue
        if not lives or lives[-1].is_over:
            lives.append(Life())
        if act.operation == UNLINK:
            lives[-1].removal = act
        else:
            lives[-1].acts.append(act)
    return lives


def flushed_until(acts: Iterable[Act], moment: int) -> int:
    """What ended by then is kept for sure: the beginning of the newest flush that was over at the moment; 0 for none."""
    return max((act.begin for act in acts if act.operation == FLUSH and act.end <= moment), default=0)


def _surviving(lives: list[Life], folder: int, moment: int, chance: random.Random) -> Life | None:
    """Which file the name leads to, newest first."""
    for life in reversed(lives):
        if life.removal and (life.removal.end <= folder or chance.random() < 0.5):
            return None
        is_named = flushed_until(life.acts, moment) or life.acts[0].end <= folder
        if is_named or chance.random() < 0.5:
            return life
    return None


def _content(acts: list[Act], flushed: int, share: float, chance: random.Random) -> bytes:
    cache = applied(bytearray(), [act for act in acts if act.end <= flushed])
    disk, size = bytearray(cache), len(cache)
    for act in acts:
        if act.end <= flushed:
            continue
        applied(cache, [act])
        if act.operation == TRUNCATE and chance.random() < share:
            applied(disk, [act])
        elif act.operation == WRITE and chance.random() < share:
            _write_back(act, cache, disk, chance)
    if chance.random() < 0.5:
        del disk[size:]
    return bytes(disk)


def _write_back(write: Act, cache: bytearray, disk: bytearray, chance: random.Random) -> None:
    """The write's sectors, as the cache holds them, come to the disk: all, or when it is torn some."""
    is_torn = chance.random() < TORN
    first = write.offset // SECTOR * SECTOR
    for start in range(first, write.offset + len(write.data), SECTOR):
        if not is_torn or chance.random() < 0.5:
            _put(disk, start, cache[start : start + SECTOR])


def applied(content: bytearray, acts: list[Act]) -> bytearray:
    """The content after these acts, each done whole."""
    for act in acts:
        if act.operation == WRITE:
            _put(content, act.offset, act.data)
        elif act.operation == TRUNCATE:
            del content[act.offset :]
            content.extend(bytes(act.offset - len(content)))
    return content


def _put(content: bytearray, offset: int, data: bytes | bytearray) -> None:
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data
