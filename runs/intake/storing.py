"""What of an occurrence is stored: neither credentials nor what the definition says to leave out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from audit.chain import instant
from runs.intake.bodies import to_text
from workflows.secrets import redact_paths

_CREDENTIAL = re.compile(r"authorization|cookie|signature|token|secret|password|api-?key|credential")


def kept_headers(headers: Mapping[str, str], *, but: Iterable[str] = ()) -> dict[str, str]:
    """The headers that may be stored, names in lower case: credentials, signatures and `but` are left out."""
    dropped = {name.lower() for name in but}
    lower = {name.lower(): value for name, value in headers.items()}
    return {name: value for name, value in lower.items() if name not in dropped and not _is_credential(name)}


@lru_cache(maxsize=256)
def _is_credential(name: str) -> bool:
    return bool(_CREDENTIAL.search(name))


def stored_input(given: Mapping[str, Any], received_at: datetime, *, redact: Iterable[str]) -> str:
    """A run's input as JSON text: body or data, headers, query and time, redacted at the definition's paths."""
    value = {**given, "headers": given.get("headers", {}), "query": given.get("query", {})}
    value["received_at"] = instant(received_at)
    return to_text(redact_paths(value, _by_both_names(redact), within="trigger"))


def _by_both_names(paths: Iterable[str]) -> Iterator[str]:
    """Each path, and the same with the payload's other name: templates know it as `body` and as `data`."""
    other = {"body": "data", "data": "body"}
    for path in paths:
        yield path
        root, _dot, rest = path.partition(".")
        name, dot, inner = rest.partition(".")
        if root == "trigger" and name in other:
            yield f"trigger.{other[name]}{dot}{inner}"


def metadata_only(received_at: datetime) -> str:
    """The input of an occurrence that reached a workflow which takes none: that it came, and when."""
    return to_text({"received_at": instant(received_at)})
