"""The three stacks that the matrix runs on, and the environment of every process of a trial."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg

if TYPE_CHECKING:
    from tests.chaos.server import Server

DATABASE = os.environ.get("CHAOS_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("CHAOS_REDIS_URL", "redis://127.0.0.1:6379/14")
RABBITMQ = os.environ.get("CHAOS_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/")
LEASE = 2


@dataclass(frozen=True)
class Stack:
    """`database` and `broker` are addresses; empty where they live in the processes themselves."""

    letter: str
    title: str
    database: str
    broker: str

    @property
    def is_embedded(self) -> bool:
        return not self.database


STACKS = {
    stack.letter: stack
    for stack in (
        Stack("E", "SQLite, embedded", "", ""),
        Stack("P", "PostgreSQL, Redis", DATABASE, REDIS),
        Stack("Q", "PostgreSQL, RabbitMQ", DATABASE, RABBITMQ),
    )
}


def servers(letter: str, database: str, broker: str) -> dict[str, str]:
    """The environment that has a process of `tests.chaos` use these servers; nothing for SQLite."""
    if STACKS[letter].is_embedded:
        return {}
    return {"CHAOS_DATABASE_URL": database, f"CHAOS_{'RABBITMQ' if letter == 'Q' else 'REDIS'}_URL": broker}


@dataclass(frozen=True)
class Place:
    """What one run of the matrix works in. `server` is the rig's own PostgreSQL server, where there is one."""

    stack: Stack
    folder: Path
    database: str
    seed: int
    server: "Server | None" = None


@contextmanager
def own_database(stack: Stack) -> Iterator[str]:
    """The address of an empty database that is dropped at the end; empty for SQLite."""
    if stack.is_embedded:
        yield ""
        return
    name = f"signalbox_chaos_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(stack.database)
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def environment(folder: Path, database: str, broker: str) -> dict[str, str]:
    """What the rig's own process and all that it starts have in common; no failpoints yet."""
    given = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "SECRET_KEY": "for-tests-only-" + "x" * 40,
        "SIGNALBOX_DATA": str(folder / "data"),
        "SIGNALBOX_LEASE_SECONDS": str(LEASE),
        "SIGNALBOX_RING_AGAIN_SECONDS": str(LEASE),
        "SIGNALBOX_RETENTION_HOUR": str(far_hour()),
        "SIGNALBOX_EGRESS_ALLOW": "127.0.0.0/30",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "DATABASE_URL": database,
        "BROKER_URL": broker,
        "SIGNALBOX_BELL": "notify",
        "LOG_LEVEL": "warning",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNALBOX_")}
    return {**kept, **given}


def far_hour() -> int:
    """Half a day from now: a night's retention that came by itself would take what a row is about to remove."""
    return (datetime.now(UTC).hour + 12) % 24


def at_port(address: str, port: int) -> str:
    """The same address by another loopback port: where a proxy stands before the server."""
    parts = urlsplit(address)
    credentials, _at, _host = parts.netloc.rpartition("@")
    netloc = f"{credentials}@127.0.0.1:{port}" if credentials else f"127.0.0.1:{port}"
    return urlunsplit(parts._replace(netloc=netloc))
