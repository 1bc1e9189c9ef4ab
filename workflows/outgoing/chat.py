"""What a chat webhook is sent: one text, in the field that the chat reads."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from workflows.outgoing.exchange import OutgoingRequest

DISCORD_HOSTS: Final = (".discord.com", ".discordapp.com")
LONGEST: Final = {"content": 2_000, "text": 20_000}
"""Characters that a chat takes; a longer text is cut."""


def chat_request(
    url: str,
    text: str,
    *,
    kind: str,
    key: str,
    headers: Mapping[str, str],
    timeout: float,
    is_quiet: bool = False,
) -> OutgoingRequest:
    """The request that posts a text to a Slack-, Teams- or Discord-compatible webhook.

    Discord is known by its host, or by the connection's `kind`. `key` goes along as Idempotency-Key. With `is_quiet` nothing in the text is read as a mention or as markup: for
    texts that hold names which somebody else chose.
    """
    field = "content" if kind == "discord" or _is_discord(url) else "text"
    body: dict[str, Any] = {field: text[: LONGEST[field]]}
    if is_quiet and field == "content":
        body["allowed_mentions"] = {"parse": []}
    elif is_quiet:
        body[field] = _escaped(text)[: LONGEST[field]]
    return OutgoingRequest(
        method="POST",
        url=url,
        headers={"Content-Type": "application/json", **headers, "Idempotency-Key": key},
        content=json.dumps(body).encode("ascii"),
        timeout=timeout,
        credential_headers=frozenset(headers),
    )


def _is_discord(url: str) -> bool:
    return f".{urlsplit(url).hostname or ''}".endswith(DISCORD_HOSTS)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
