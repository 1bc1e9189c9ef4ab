"""The stacks that can be measured, each with a data folder and a database of its own that are removed at the end."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
BROKERS = {
    "embedded": "",
    "pg-redis": "redis://127.0.0.1:6379/8",
    "pg-rabbit": "amqp://guest:guest@127.0.0.1:5672/bench",
    "pg-redis-bell": "redis://127.0.0.1:6379/8",
    "pg-rabbit-bell": "amqp://guest:guest@127.0.0.1:5672/bench",
}
# Where the broker is the only bell, PostgreSQL's NOTIFY is left out.
BELLS = {name: "broker" if name.endswith("-bell") else "notify" for name in BROKERS}
NAMES = tuple(BROKERS)


@dataclass(frozen=True)
class Stack:
    """One deployment's database and broker, as the environment of this process and its children names them."""

    name: str
    data: Path

    @property
    def is_embedded(self) -> bool:
        return self.name == "embedded"


@contextmanager
def prepared(name: str, *, postgres: str = POSTGRES, broker: str = "") -> Iterator[Stack]:
    """Set the environment and Django up for a stack; once per process."""
    data = Path(tempfile.mkdtemp(prefix="signalbox-bench-"))
    for variable in ("DATABASE_URL", "BROKER_URL", "SIGNALBOX_BASE_URL", "DEBUG"):
        os.environ.pop(variable, None)
    os.environ |= {"SIGNALBOX_DATA": str(data), "DJANGO_SETTINGS_MODULE": "config.settings.production"}
    os.environ["SIGNALBOX_EGRESS_ALLOW"] = "127.0.0.1/32"
    try:
        with _database(name, postgres):
            os.environ["SIGNALBOX_BELL"] = BELLS[name]
            if BROKERS[name]:
                os.environ["BROKER_URL"] = broker or BROKERS[name]
            django.setup()
            yield Stack(name, data)
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def _database(name: str, postgres: str) -> Iterator[None]:
    if name == "embedded":
        yield
        return
    database = f"signalbox_bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{database}"')
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(postgres)._replace(path=f"/{database}"))
    os.environ["SECRET_KEY"] = "for-measurements-only-" + "x" * 40
    try:
        yield
    finally:
        with psycopg.connect(postgres, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
