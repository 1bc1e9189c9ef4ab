"""What is learned survives being stored."""

from collections import Counter
from datetime import date

from runs.monitoring.detecting.failing import Usual
from runs.monitoring.detecting.judging import Learned
from runs.monitoring.detecting.rhythm import Rhythm
from runs.monitoring.findings.remembering import pack, unpack


def test_learned_comes_back_as_it_went() -> None:
    blocks = [Counter({3: 4, 90: 1}), Counter[int](), Counter({7: 2}), Counter[int]()]
    learned = Learned(Rhythm(date(2026, 1, 5), [1, None, 0] * 8), Usual(0.5, 9.5, 0.1), [blocks] * 28)

    back = unpack(pack(learned))

    assert back is not None
    assert (back.rhythm, back.usual) == (learned.rhythm, learned.usual)
    assert [dict(block) for block in back.durations[0]] == [dict(block) for block in blocks]


def test_what_is_damaged_is_learned_anew() -> None:
    assert unpack(b"") is None
    assert unpack(b"\x00nonsense") is None
