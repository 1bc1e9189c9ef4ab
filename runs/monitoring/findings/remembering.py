"""What was learned about a workflow, as bytes between two rounds."""

import json
import zlib
from datetime import date
from typing import Any, Final

from runs.monitoring.detecting.failing import Usual
from runs.monitoring.detecting.judging import Learned
from runs.monitoring.detecting.rhythm import Rhythm
from runs.monitoring.sums import packed, unpacked

FORM: Final = 2
"""Raised when the form changes: what has another one is learned anew."""


def pack(learned: Learned) -> bytes:
    """Compressed JSON."""
    document = {
        "form": FORM,
        "start": learned.rhythm.start.isoformat(),
        "counts": list(learned.rhythm.counts),
        "usual": [learned.usual.a, learned.usual.b, learned.usual.bad_day],
        "durations": [[packed(block) for block in day] for day in learned.durations],
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode())


def unpack(stored: bytes) -> Learned | None:
    """None for what is empty, damaged or of another form."""
    try:
        document = json.loads(zlib.decompress(stored))
    except (zlib.error, ValueError):
        return None
    return _learned(document) if document.get("form") == FORM else None


def _learned(document: dict[str, Any]) -> Learned:
    rhythm = Rhythm(date.fromisoformat(document["start"]), document["counts"])
    durations = [
        [{int(bucket): n for bucket, n in unpacked(block).items()} for block in day]
        for day in document["durations"]
    ]
    return Learned(rhythm, Usual(*document["usual"]), durations)
