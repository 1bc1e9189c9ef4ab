"""Whether the database answers, has all that the migrations made, and lies where it may."""

import os
import subprocess
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from runs.doctor.diagnosis import Diagnosis
from runs.doctor.indexes import invalid, missing

NETWORK_DISKS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "glusterfs",
    "ceph",
    "afs",
    "lustre",
}
OWN_APPS = {"audit", "workflows", "runs"}


def answers() -> Iterator[Diagnosis]:
    """Whether a connection can be made at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield Diagnosis("database", "ok", _("The database answers (%(kind)s).") % {"kind": connection.vendor})


def migrations() -> Iterator[Diagnosis]:
    """Migrations that are not applied, and such that only a newer release knows."""
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    known = set(executor.loader.disk_migrations or ())
    newer = [key for key in executor.loader.applied_migrations if key[0] in OWN_APPS and key not in known]
    numbers = {"not_applied": waiting, "unknown": len(newer)}
    if waiting:
        message = _("%(count)d migrations are not applied.") % {"count": waiting}
        yield Diagnosis("migrations", "error", message, "manage.py migrate", numbers)
    elif newer:
        message = _("A newer release has migrated the database: %(names)s are unknown here.") % {
            "names": ", ".join(".".join(key) for key in sorted(newer))
        }
        yield Diagnosis(
            "migrations", "warning", message, _("Upgrade this host's processes as well."), numbers
        )
    else:
        yield Diagnosis("migrations", "ok", _("Every migration is applied."), numbers=numbers)


def indexes() -> Iterator[Diagnosis]:
    """Indexes and constraints that the models have and the database lacks."""
    lost, broken = missing(), invalid()
    for one in lost:
        message = _("%(table)s lacks %(name)s: what it served is slow, or no longer kept unique.") % {
            "table": one.table,
            "name": one.name,
        }
        yield Diagnosis("indexes", "error", message, one.remedy)
    for name in broken:
        message = _("The index %(name)s is invalid: building it was broken off.") % {"name": name}
        yield Diagnosis("indexes", "error", message, f'REINDEX INDEX CONCURRENTLY "{name}";')
    if not lost and not broken:
        yield Diagnosis("indexes", "ok", _("Every index and constraint is there."))


def disk() -> Iterator[Diagnosis]:
    """SQLite on a disk that cannot lock, or told not to flush."""
    if connection.vendor != "sqlite":
        return
    kind = disk_kind(str(settings.DATABASES["default"]["NAME"]))
    if kind in NETWORK_DISKS:
        message = _("The database lies on a network disk (%(kind)s), where SQLite's locks do not hold.") % {
            "kind": kind
        }
        yield Diagnosis("disk", "error", message, _("Put SIGNALBOX_DATA on a local disk, or use PostgreSQL."))
    else:
        yield Diagnosis("disk", "ok", _("The database lies on a local disk."))
    if settings.SQLITE_SYNC == "normal":
        message = _(
            "SIGNALBOX_SQLITE_SYNC=normal: a power loss may undo the last seconds of accepted triggers."
        )
        yield Diagnosis("durability", "warning", message, _("Use full, the default."))


def disk_kind(path: str) -> str:
    """The file system's name, such as ext4 or nfs4; "" where the system does not tell."""
    command = ["df", "--output=fstype", os.path.dirname(path) or "."]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.split("\n")[1].strip() if answer.returncode == 0 else ""
