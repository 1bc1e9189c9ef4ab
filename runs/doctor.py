"""What `manage.py doctor` looks at: each examination gives a finding with how to mend it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker

from audit import guard
from config.broker import broker
from config.clock import stamp
from runs.engine import heartbeat
from runs.models import Run, RunStatus
from workflows.models import Connection, Trigger
from workflows.secrets import SecretUnreadable, decrypt

SKEW = timedelta(seconds=5)
LATE = timedelta(minutes=2)
NETWORK_DISKS = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "glusterfs", "ceph"}


@dataclass(frozen=True)
class Diagnosis:
    """One thing looked at. `level`: ok, warning or error."""

    name: str
    level: str
    message: str
    fix: str = ""

    def as_dict(self) -> dict[str, str]:
        """The shape of the command's JSON."""
        return asdict(self)


def examine() -> list[Diagnosis]:
    """Look at everything; an examination that breaks is itself an error, the others go on."""
    found: list[Diagnosis] = []
    for look in EXAMINATIONS:
        try:
            found += look()
        except Exception as problem:  # whatever is broken belongs into the report
            found.append(Diagnosis(look.__name__.strip("_"), "error", f"{type(problem).__name__}: {problem}"))
            if isinstance(problem, Error) and look is _database:
                break
    return found


def _database() -> Iterator[Diagnosis]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield Diagnosis("database", "ok", _("The database answers (%(kind)s).") % {"kind": connection.vendor})
    executor = MigrationExecutor(connection)
    open_plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if open_plan:
        message = _("%(count)d migrations are not applied.") % {"count": len(open_plan)}
        yield Diagnosis("migrations", "error", message, "manage.py migrate")
    else:
        yield Diagnosis("migrations", "ok", _("Every migration is applied."))


def _sqlite() -> Iterator[Diagnosis]:
    if connection.vendor != "sqlite":
        return
    kind = _disk_kind(str(settings.DATABASES["default"]["NAME"]))
    if kind in NETWORK_DISKS:
        message = _("The database lies on a network disk (%(kind)s), where SQLite's locks do not hold.") % {
            "kind": kind
        }
        yield Diagnosis("disk", "error", message, _("Put SIGNALBOX_DATA on a local disk, or use PostgreSQL."))
    if settings.SQLITE_SYNC == "normal":
        message = _(
            "SIGNALBOX_SQLITE_SYNC=normal: a power loss may undo the last seconds of accepted triggers."
        )
        yield Diagnosis("durability", "warning", message, _("Use full, the default."))


def _disk_kind(path: str) -> str:
    command = ["df", "--output=fstype", os.path.dirname(path) or "."]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.split("\n")[1].strip() if answer.returncode == 0 else ""


def _clock() -> Iterator[Diagnosis]:
    skew = abs(stamp() - datetime.now(UTC))
    if skew > SKEW:
        message = _("This host's clock and the database's differ by %(seconds)d s.") % {
            "seconds": skew.total_seconds()
        }
        yield Diagnosis("clock", "warning", message, _("Let both synchronise their clocks (NTP)."))
    else:
        yield Diagnosis("clock", "ok", _("The clocks agree."))


def _processes() -> Iterator[Diagnosis]:
    for kind, role in (("worker", _("worker")), ("scheduler", _("scheduler"))):
        count = heartbeat.alive(kind)
        if count:
            yield Diagnosis(kind, "ok", _("%(count)d %(role)s alive.") % {"count": count, "role": role})
        else:
            message = _("No %(role)s is alive.") % {"role": role}
            command = "up" if settings.IS_EMBEDDED else kind
            yield Diagnosis(kind, "error", message, f"manage.py {command}")


def _broker() -> Iterator[Diagnosis]:
    if not settings.BROKER_URL:
        yield Diagnosis("broker", "ok", _("In-process; nothing to reach."))
        return
    try:
        if isinstance(broker, RedisBroker):
            broker.client.ping()
        elif isinstance(broker, RabbitmqBroker):
            broker.declare_queue("runs", ensure=True)
    except Exception as problem:  # each broker has its own errors
        message = _("The broker cannot be reached: %(problem)s.") % {"problem": type(problem).__name__}
        yield Diagnosis(
            "broker", "error", message, _("Start it or mend BROKER_URL; until then the pump works slowly.")
        )
        return
    yield Diagnosis("broker", "ok", _("The broker answers."))


def _lag() -> Iterator[Diagnosis]:
    now = stamp()
    late = Run.objects.filter(status=RunStatus.PENDING, due_at__lt=now - LATE).count()
    lost = Run.objects.filter(status=RunStatus.RUNNING, lease_until__lt=now - LATE).count()
    if late or lost:
        message = _("%(late)d runs wait for over two minutes, %(lost)d lost their worker.") % {
            "late": late,
            "lost": lost,
        }
        yield Diagnosis("lag", "warning", message, _("Start more workers; look at their logs."))
    else:
        yield Diagnosis("lag", "ok", _("No run waits for long."))


def _audit() -> Iterator[Diagnosis]:
    absent = guard.missing()
    if absent:
        message = _("The audit table is unguarded: %(names)s.") % {"names": ", ".join(absent)}
        yield Diagnosis("audit", "error", message, "manage.py migrate")
    else:
        yield Diagnosis("audit", "ok", _("The audit table refuses changes."))


def _secrets() -> Iterator[Diagnosis]:
    sealed = [*Connection.objects.exclude(secret="").values_list("secret", flat=True)[:50]]
    sealed += Trigger.objects.exclude(secret="").values_list("secret", flat=True)[:50]
    unreadable = 0
    for text in sealed:
        try:
            decrypt(text)
        except SecretUnreadable:
            unreadable += 1
    if unreadable:
        message = _("%(count)d secrets cannot be read with the present keys.") % {"count": unreadable}
        yield Diagnosis(
            "secrets", "error", message, _("Put the former key into SIGNALBOX_SECRET_KEYS as well.")
        )
    else:
        yield Diagnosis("secrets", "ok", _("Every secret can be read."))


EXAMINATIONS: tuple[Callable[[], Iterator[Diagnosis]], ...] = (
    _database,
    _sqlite,
    _clock,
    _processes,
    _broker,
    _lag,
    _audit,
    _secrets,
)
