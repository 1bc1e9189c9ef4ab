"""The log as JSON lines: one object a record, with what it is about. Line feeds in a message forge no second record."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType

_facts: ContextVar[Mapping[str, str]] = ContextVar("log_facts", default=MappingProxyType({}))


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Everything logged inside says so: `correlation`, `request`, `run`, `workflow`. Nests; empty ones are left out."""
    known = {name: str(fact) for name, fact in facts.items() if fact not in (None, "")}
    token = _facts.set({**_facts.get(), **known})
    try:
        yield
    finally:
        _facts.reset(token)


class JsonFormatter(logging.Formatter):
    """Time in UTC, level, logger, message, the facts, and the traceback of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        moment = datetime.fromtimestamp(record.created, UTC)
        document: dict[str, object] = {
            "time": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            "thread": record.threadName,
            **_facts.get(),
        }
        if record.exc_info:
            document["exception"] = self.formatException(record.exc_info)
        return json.dumps(document, ensure_ascii=False, default=str)
