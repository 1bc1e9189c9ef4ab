"""What text a database can keep and a page can show."""

import re
from typing import Final

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """False for text with NUL or half a surrogate pair, which PostgreSQL and UTF-8 do not take."""
    return _UNSTORABLE.search(text) is None


def storable(text: str) -> str:
    """The text with a replacement character for each one that neither takes."""
    return _UNSTORABLE.sub("\ufffd", text)
