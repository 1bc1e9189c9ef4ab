"""Cuts a template into text, outputs and tags, in one pass over its length.

python-liquid's own lexer is one regular expression that a hostile template makes quadratic, and it knows tags
that our templates do not have. Here a part ends at the first closing mark, as there.
"""

import re
from collections.abc import Iterator

from liquid.builtin.expressions import tokenize
from liquid.exceptions import LiquidSyntaxError
from liquid.token import (
    TOKEN_AND,
    TOKEN_CONTENT,
    TOKEN_DPIPE,
    TOKEN_EXPRESSION,
    TOKEN_LBRACKET,
    TOKEN_LPAREN,
    TOKEN_OR,
    TOKEN_OUTPUT,
    TOKEN_RANGE,
    TOKEN_RANGE_LITERAL,
    TOKEN_RBRACKET,
    TOKEN_RPAREN,
    TOKEN_TAG,
    Token,
)

from workflows.definition.limits import EXPRESSION_LENGTH

_OPENING = re.compile(r"\{[{%]")
_TAG_NAME = re.compile(r"[a-z]*")
_CLOSING = {"{{": "}}", "{%": "%}"}
_REFUSED = frozenset({TOKEN_RANGE_LITERAL, TOKEN_RANGE, TOKEN_LPAREN, TOKEN_RPAREN, TOKEN_DPIPE})
_BRACKETS = 3
_JOINS = 40


def tokens_of(source: str) -> Iterator[Token]:
    """The tokens of a template; raises LiquidSyntaxError on the first thing that templates here do not have."""
    position, trim_next = 0, False
    while match := _OPENING.search(source, position):
        start = match.start()
        inner, after = _inside(source, start)
        yield from _text(source, position, start, trim_start=trim_next, trim_end=inner.startswith("-"))
        trim_next = inner.endswith("-")
        code = inner.strip("-") if len(inner) < 3 else inner[inner.startswith("-") : len(inner) - trim_next]
        yield from _part(source, start, code)
        position = after
    yield from _text(source, position, len(source), trim_start=trim_next, trim_end=False)


def _inside(source: str, start: int) -> tuple[str, int]:
    opening = source[start : start + 2]
    end = source.find(_CLOSING[opening], start + 2, start + 4 + EXPRESSION_LENGTH)
    if end < 0:
        problem = (
            "is not closed" if len(source) - start <= EXPRESSION_LENGTH + 4 else "is not closed, or too long"
        )
        raise LiquidSyntaxError(f"“{opening}” {problem}", token=None)
    return source[start + 2 : end], end + 2


def _text(source: str, start: int, end: int, *, trim_start: bool, trim_end: bool) -> Iterator[Token]:
    text = source[start:end]
    text = text.lstrip() if trim_start else text
    text = text.rstrip() if trim_end else text
    if text:
        yield Token(TOKEN_CONTENT, text, start, source)


def _part(source: str, start: int, code: str) -> Iterator[Token]:
    code = code.strip()
    if source.startswith("{{", start):
        yield Token(TOKEN_OUTPUT, "{{", start, source)
        yield _expression(source, start, code)
        return
    name = _TAG_NAME.match(code).group()  # type: ignore[union-attr]
    yield Token(TOKEN_TAG, name, start, source)
    if rest := code[len(name) :].strip():
        yield _expression(source, start, rest)


def _expression(source: str, start: int, code: str) -> Token:
    token = Token(TOKEN_EXPRESSION, code, start, source)
    brackets = joins = 0
    for part in tokenize(code, token):
        if part.kind in _REFUSED:
            raise LiquidSyntaxError("ranges and parentheses are not offered", token=None)
        brackets += (part.kind == TOKEN_LBRACKET) - (part.kind == TOKEN_RBRACKET)
        joins += part.kind in {TOKEN_AND, TOKEN_OR}
        if brackets > _BRACKETS or joins > _JOINS:
            raise LiquidSyntaxError("too much stands between one pair of braces", token=None)
    return token
