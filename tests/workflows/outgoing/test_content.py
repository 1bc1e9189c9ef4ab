import gzip
import os
import zlib
from collections.abc import Iterator

import pytest

from tests.workflows.outgoing.conftest import head
from workflows.outgoing import OutgoingFailed, OutgoingRequest, send
from workflows.outgoing.content import read_content

TEXT = b"signal " * 1000


def pieces(data: bytes, size: int = 7) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def raw_deflate(data: bytes) -> bytes:
    compress = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compress.compress(data) + compress.flush()


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("X-GZIP", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(TEXT[:3000]) + gzip.compress(TEXT[3000:])),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"\x00" * 100),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_read_content_decodes(encoding, data, size):
    assert read_content(pieces(data, size), encoding=encoding, limit=7000) == (TEXT, False)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_read_content_hands_other_encodings_on(encoding):
    assert read_content([b"\x1f\x8bxyz"], encoding=encoding, limit=100) == (b"\x1f\x8bxyz", False)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
    ],
)
@pytest.mark.parametrize("limit", [1, 6999])
def test_read_content_cuts_at_the_limit_and_says_so(encoding, data, limit):
    assert read_content(pieces(data, 500), encoding=encoding, limit=limit) == (TEXT[:limit], True)


def test_read_content_stops_reading_at_the_limit():
    taken = []

    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            taken.append(1)
            yield b"x" * 1000

    assert read_content(endless(), encoding="", limit=5500) == (b"x" * 5500, True)
    assert len(taken) == 6


def test_read_content_of_a_bomb_keeps_no_more_than_the_limit():
    bomb = gzip.compress(b"\x00" * 50_000_000)
    assert len(bomb) < 60_000

    assert read_content([bomb], encoding="gzip", limit=1000) == (b"\x00" * 1000, True)


def test_read_content_stops_at_members_that_hold_nothing():
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield gzip.compress(b"") * 50

    assert read_content(endless(), encoding="gzip", limit=5000) == (b"", True)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", b"not gzip at all"),
        ("gzip", gzip.compress(os.urandom(500))[:200]),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-1]),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-8] + b"\x00" * 8),
        ("deflate", b"\xff\xff\xff\xff"),
        ("deflate", zlib.compress(TEXT)[:-1]),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_read_content_refuses_damage(encoding, data, size):
    with pytest.raises(OutgoingFailed, match="damaged") as failed:
        read_content(pieces(data, size), encoding=encoding, limit=100_000)

    assert (failed.value.code, failed.value.sent) == ("protocol_error", True)


def test_read_content_of_nothing_needs_no_encoding():
    assert read_content([], encoding="gzip", limit=10) == (b"", False)


@pytest.mark.usefixtures("loopback_allowed")
def test_send_cuts_an_endless_answer_at_the_settings_limit(sink, settings):
    settings.OUTGOING_BODY_LIMIT = 200_000

    def endless(sink_, connection, _request):
        connection.sendall(head("Transfer-Encoding: chunked"))
        while not sink_.closing.is_set():
            connection.sendall(b"2710\r\n" + b"x" * 10_000 + b"\r\n")

    response = send(OutgoingRequest("GET", sink(endless).url(), timeout=10))

    assert (response.status, len(response.content), response.cut) == (200, 200_000, True)


@pytest.mark.usefixtures("loopback_allowed")
def test_send_decodes_and_keeps_the_headers(sink):
    packed = gzip.compress(b'{"a": 1}')
    target = sink(head("Content-Encoding: gzip", f"Content-Length: {len(packed)}") + packed)

    response = send(OutgoingRequest("GET", target.url(), timeout=5))

    assert (response.content, response.headers["content-encoding"]) == (b'{"a": 1}', "gzip")
