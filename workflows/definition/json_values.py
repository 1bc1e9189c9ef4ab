"""JSON as Python values, and how much room they take."""

from collections.abc import Iterator
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

PLAIN_SIZE = 8
"""What a number, a truth value or null counts; big integers count their digits besides."""


def sizes(value: object) -> Iterator[int]:
    """The approximate size in characters of each part of `value`, so that a caller can stop early.

    Works without recursion: values nest as deep as their sender likes.
    """
    rest = [value]
    while rest:
        part = rest.pop()
        if isinstance(part, str):
            yield len(part) + 2
        elif isinstance(part, dict):
            yield sum(len(key) + 4 for key in part) + 2
        elif isinstance(part, list):
            yield len(part) + 2
        else:
            yield PLAIN_SIZE + (part.bit_length() // 3 if isinstance(part, int) else 0)
        rest.extend(parts(part))


def depth(value: object) -> int:
    """How many lists and objects stand inside each other; 0 for a plain value."""
    levels, layer = 0, [value]
    while layer := [part for part in layer if isinstance(part, dict | list)]:
        levels += 1
        layer = [part for container in layer for part in parts(container)]
    return levels


def parts(value: object) -> list[object]:
    """What a list or object holds directly; nothing for plain values."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
