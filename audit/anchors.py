"""Signed marks of the chain's end, kept outside the database: what makes a cut tail and a rewritten past show.

Each line of `audit-anchors.jsonl` in the data folder says how far the chain reached and which hash stood
there, signed together with the line before.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from audit import chain, seals
from audit.models import AuditHead
from config.clock import stamp

logger = logging.getLogger(__name__)

_TAIL_BYTES = 4096


class AnchorsBroken(Exception):
    """The file holds a line that this installation did not sign in this place."""


@dataclass(frozen=True)
class Anchor:
    """The chain reached `sequence`, and `hash` was the hash there. `signature` covers the previous one."""

    at: str
    sequence: int
    hash: str
    signature: str

    def line(self) -> str:
        """Its line in the file."""
        return json.dumps(vars(self), sort_keys=True) + "\n"


def path() -> Path:
    """Where the anchors are kept; on each host that runs a scheduler its own file."""
    return Path(settings.DATA_DIR) / "audit-anchors.jsonl"


def write_anchor() -> bool:
    """Append the chain's present end; False when it is anchored already. Meant for every 10 minutes.

    Nothing is written when the chain ends before its last anchor: then a tail was cut, which `audit verify`
    tells and the log says.
    """
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    with _locked_file() as file:
        last = _last(file)
        if (last is None and not head.sequence) or (last and last.sequence == head.sequence):
            return False
        if last and last.sequence > head.sequence:
            logger.error("The audit chain ends at %s, before its anchor at %s.", head.sequence, last.sequence)
            return False
        anchor = _sign(head, last.signature if last else "")
        file.write(anchor.line().encode())
        file.flush()
        os.fsync(file.fileno())
    return True


def read() -> Iterator[Anchor]:
    """Every anchor in order; raises AnchorsBroken at the first line that is not ours. A torn last line is skipped."""
    if not path().exists():
        return
    previous = ""
    with path().open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            anchor = _parse(line)
            if anchor is None or not seals.is_signed("anchor", _covered(anchor, previous), anchor.signature):
                raise AnchorsBroken(
                    _("Line %(number)d of the anchors file is not signed.") % {"number": number}
                )
            previous = anchor.signature
            yield anchor


def set_aside_beyond_end() -> int:
    """After an older copy was restored: keep the file under another name where it reaches beyond the chain's end.

    Gives how far it reached; 0 where nothing was done.
    """
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    if not path().exists():
        return 0
    with _locked_file() as file:
        last = _last(file)
        if last is None or last.sequence <= head.sequence:
            return 0
        path().rename(path().with_name(f"audit-anchors-to-{last.sequence}.jsonl"))
    return last.sequence


@contextmanager
def _locked_file() -> Iterator[IO[bytes]]:
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _last(file: IO[bytes]) -> Anchor | None:
    """The last whole line's anchor; what a crash left of a line after it is cut off."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read()
    whole = tail[: tail.rfind(b"\n") + 1]
    if len(whole) < len(tail):
        file.truncate(size - len(tail) + len(whole))
        file.seek(0, os.SEEK_END)
    lines = whole.splitlines()
    return _parse(lines[-1]) if lines else None


def _sign(head: AuditHead, previous: str) -> Anchor:
    bare = Anchor(chain.instant(stamp()), head.sequence, head.hash, "")
    return Anchor(bare.at, bare.sequence, bare.hash, seals.sign("anchor", _covered(bare, previous)))


def _covered(anchor: Anchor, previous: str) -> str:
    return f"{previous}\n{anchor.at}\n{anchor.sequence}\n{anchor.hash}"


def _parse(line: bytes) -> Anchor | None:
    try:
        return Anchor(**json.loads(line))
    except (ValueError, TypeError):
        return None
