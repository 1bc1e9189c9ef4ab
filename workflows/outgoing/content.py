"""Reading an answer's content with a ceiling on what is kept in memory, compressed or not."""

import zlib
from collections.abc import Iterable

from django.utils.translation import gettext as _

from workflows.outgoing.errors import OutgoingFailed

_GZIP = 16 + zlib.MAX_WBITS


def read_content(chunks: Iterable[bytes], *, encoding: str, limit: int) -> tuple[bytes, bool]:
    """The first `limit` bytes, decoded, and whether more was there.

    gzip and deflate are decoded, other encodings handed on as they come. Raises OutgoingFailed `protocol_error`
    when compressed content is damaged.
    """
    decoder = _decoder(encoding)
    kept = bytearray()
    read = 0
    for chunk in chunks:
        read += len(chunk)
        kept += chunk if decoder is None else decoder.decode(chunk, limit + 1 - len(kept))
        if len(kept) > limit or read > limit:
            return bytes(kept[:limit]), len(kept) > limit or decoder is not None
    if decoder is not None and read:
        decoder.require_end()
    return bytes(kept), False


def _decoder(encoding: str) -> "_Inflating | None":
    match encoding.strip().lower():
        case "gzip" | "x-gzip":
            return _Inflating(_GZIP)
        case "deflate":
            return _Inflating(zlib.MAX_WBITS)
    return None


class _Inflating:
    def __init__(self, window: int) -> None:
        self._window = window
        self._inflate = zlib.decompressobj(window)
        self._has_begun = False
        self._held = b""

    def decode(self, data: bytes, room: int) -> bytes:
        """At most `room` bytes; what lies beyond is dropped, so ask for one more than may be kept."""
        try:
            return self._inflated(data if self._has_begun else self._begun_with(data), room)
        except zlib.error:
            raise _damaged() from None

    def require_end(self) -> None:
        if not self._inflate.eof:
            raise _damaged()

    def _begun_with(self, data: bytes) -> bytes:
        """What to decode now: nothing until two bytes are there.

        Some servers send "deflate" without the zlib header; its two bytes have check bits.
        """
        self._held += data
        if len(self._held) < 2:
            return b""
        self._has_begun = True
        if self._window == zlib.MAX_WBITS and int.from_bytes(self._held[:2]) % 31:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        return self._held

    def _inflated(self, data: bytes, room: int) -> bytes:
        result = bytearray(self._inflate.decompress(data, room))
        # A gzip body may consist of several members, each with a header of its own.
        while self._has_further_member() and len(result) < room:
            rest = self._inflate.unused_data
            self._inflate = zlib.decompressobj(_GZIP)
            result += self._inflate.decompress(rest, room - len(result))
        return bytes(result)

    def _has_further_member(self) -> bool:
        # Anything else after the end is padding.
        return self._window == _GZIP and self._inflate.eof and self._inflate.unused_data.startswith(b"\x1f")


def _damaged() -> OutgoingFailed:
    return OutgoingFailed("protocol_error", _("The answer's compressed content is damaged."), sent=True)
