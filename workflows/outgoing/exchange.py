"""The request a caller hands over and the answer it gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Query = Mapping[str, object]


@dataclass(frozen=True)
class OutgoingRequest:
    """One request to the outside.

    `timeout` is the deadline in seconds of the whole exchange: waiting for a slot, name lookup, connecting,
    sending, every redirect and the last byte of the answer. `query` is added to the query of `url`; a list gives
    repeated names. `follow_redirects` is how many redirects are followed (at most 3, 0 hands them back).
    Headers named in `credential_headers` (and always Authorization, Cookie and Proxy-Authorization) are left out
    once a redirect leads to another origin. Host, Content-Length and connection headers are set by the client.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Query | None = None
    content: bytes | None = field(default=None, repr=False)
    timeout: float = 30.0
    follow_redirects: int = 0
    credential_headers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OutgoingResponse:
    """An answer of any status.

    Header names are lower case, repeated headers joined with commas. `content` is decoded (gzip, deflate) and
    never longer than settings.OUTGOING_BODY_LIMIT bytes; `cut` says that more was there. `url` is the last one
    asked, after redirects.
    """

    status: int
    headers: dict[str, str]
    content: bytes
    cut: bool
    url: str
