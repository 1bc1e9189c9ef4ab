"""Typed readers of the environment. A wrong value raises ImproperlyConfigured with one sentence naming it."""

import ipaddress
import os
import re
import secrets
import zoneinfo
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()

SQLITE = "config.sqlite"
NEVER_BY_ITSELF = 2**31 - 1

_HOST = re.compile(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def text(name: str, default: str = "") -> str:
    """The variable's value without surrounding blanks; the default when it is absent or empty."""
    return str(_env.str(name, default=default)).strip() or default


def flag(name: str, *, default: bool) -> bool:
    """True or False from 1/0, true/false, yes/no, on/off."""
    value = text(name).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if not value:
        return default
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def number(name: str, *, default: int, least: int, most: int) -> int:
    """A whole number between the two bounds."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def token(name: str) -> str:
    """A secret of at least 16 characters that a header can carry; empty where there is none."""
    value = text(name, "")
    if value and (len(value) < 16 or not value.isascii() or not value.isprintable() or " " in value):
        raise ImproperlyConfigured(f"{name} must have at least 16 visible ASCII characters.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list; blanks and empty items are dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def hosts(name: str, default: str) -> list[str]:
    """Host names without scheme and port; `.example.com` means those below it, `*` any."""
    found = words(name, default)
    for word in found:
        if not _HOST.fullmatch(word):
            raise ImproperlyConfigured(f"{name} holds {word!r}, which is no host name such as example.com.")
    return found


def folder(name: str, default: Path) -> Path:
    """A folder that can be written to; it is made where it does not exist."""
    path = Path(text(name, str(default))).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
        is_usable = os.access(path, os.W_OK | os.X_OK)
    except OSError:
        is_usable = False
    if not is_usable:
        raise ImproperlyConfigured(f"{name} names a folder that cannot be made or written to: {str(path)!r}.")
    return path


def zone(name: str, default: str) -> str:
    """An IANA time-zone name."""
    value = text(name, default)
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ImproperlyConfigured(f"{name} names no known time zone: {value!r}.") from unknown
    return value


def networks(name: str) -> list[Network]:
    """Networks or single addresses, comma-separated."""
    found = []
    for word in words(name):
        try:
            found.append(ipaddress.ip_network(word, strict=False))
        except ValueError as wrong:
            raise ImproperlyConfigured(f"{name} holds {word!r}, which is no address or network.") from wrong
    return found


def address(name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    """A URL with one of the schemes, or the default when the variable is empty."""
    value = text(name, default)
    if value and urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must start with one of {', '.join(schemes)}, not {value[:20]!r}.")
    if value and not _is_readable(value):
        raise ImproperlyConfigured(f"{name} is no complete address: look at its host and its port.")
    return value


def _is_readable(value: str) -> bool:
    parts = urlsplit(value)
    try:
        needs_host = parts.scheme.startswith(("http", "smtp")) or parts.port is not None
    except ValueError:
        return False
    return not needs_host or bool(parts.hostname and not re.search(r"\s", value))


def choice(name: str, default: str, *, among: Collection[str]) -> str:
    """One of several words, in lower case."""
    value = text(name, default).lower()
    if value not in among:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(among)}, not {value!r}.")
    return value


def database(name: str, data: Path, *, sqlite_sync: str) -> dict[str, object]:
    """Django's DATABASES entry: SQLite in the data folder, or what the URL says."""
    url = address(name, "", schemes=("postgres", "postgresql", "sqlite"))
    if not url or url.startswith("sqlite"):
        path = data / "signalbox.sqlite3" if not url else Path(urlsplit(url).path)
        return _sqlite(path, sqlite_sync)
    try:
        parsed = dict(_env.db_url_config(url))
    except (ValueError, environ.ImproperlyConfigured) as wrong:
        raise ImproperlyConfigured(f"{name} is not a database address that can be read.") from wrong
    # Without a threshold Psycopg prepares nothing, even what asks for it (runs/statements/postgresql.py), and Django
    # sets none; with one that is never reached it prepares that alone.
    options = {"prepare_threshold": NEVER_BY_ITSELF, **parsed.get("OPTIONS", {})}
    return {**parsed, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def _sqlite(path: Path, sync: str) -> dict[str, object]:
    # IMMEDIATE: a deferred transaction that reads and then writes fails at once as locked (reliability.md 12).
    pragmas = f"PRAGMA journal_mode=WAL;PRAGMA synchronous={sync};PRAGMA busy_timeout=20000;"
    return {
        "ENGINE": SQLITE,
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas},
    }


def kept_secret(name: str, data: Path, file_name: str, *, embedded: bool) -> str:
    """The variable, or in the embedded default a value generated once and kept in the data folder (mode 0600).

    Raises ImproperlyConfigured outside the embedded default when the variable is absent.
    """
    value = text(name)
    if value:
        return value
    if not embedded:
        raise ImproperlyConfigured(f"{name} is required when DATABASE_URL is set.")
    path = data / file_name
    data.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def mail(url: str) -> dict[str, object]:
    """Django's EMAIL_* settings from one address such as smtp+tls://user:password@host:587."""
    try:
        return dict(_env.email_url_config(url))
    except (ValueError, KeyError) as wrong:
        raise ImproperlyConfigured("EMAIL_URL is not a mail server's address that can be read.") from wrong
