"""What text a database can keep."""


def is_storable(text: str) -> bool:
    """False for text with NUL or half a surrogate pair, which PostgreSQL and UTF-8 do not take."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
