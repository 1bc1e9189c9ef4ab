"""A PostgreSQL server of the rig's own, so that a row may restart it; where its programs are not found, the given one."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.chaos.stacks import Stack
from tests.journeys.processes import free_port

OWNER = "postgres"


class Server:
    """`restart()` is what a crash of the database is to its clients: no goodbye, then recovery from the log."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.port = programs, folder, free_port()
        self.owner = OWNER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name

    @property
    def address(self) -> str:
        return f"postgres://{OWNER}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.owner)
        self._run("initdb", "--auth=trust", "--no-sync", f"--username={OWNER}", "--encoding=UTF8")
        given = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300"
        self._run("pg_ctl", "start", "--wait", "-o", given, "-l", str(self.folder / "server.log"))

    def restart(self) -> None:
        """Stop at once, without a checkpoint, and start again."""
        self._run("pg_ctl", "restart", "--wait", "-m", "immediate", "-l", str(self.folder / "server.log"))

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "-m", "immediate")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        user = self.owner if os.geteuid() == 0 else None
        subprocess.run(
            command, user=user, cwd=self.folder, check=True, stdout=subprocess.DEVNULL, timeout=120
        )


def programs() -> Path | None:
    """Where initdb and pg_ctl are: the newest that Debian installed, or on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    beside = shutil.which("initdb")
    return found[-1].parent if found else Path(beside).parent if beside else None


@contextmanager
def own_server(stack: Stack) -> Iterator[Server | None]:
    """A server for this run; None for SQLite, and where there are no programs or CHAOS_OWN_SERVER=no."""
    where = programs()
    if stack.is_embedded or where is None or os.environ.get("CHAOS_OWN_SERVER") == "no":
        yield None
        return
    assert urlsplit(stack.database).scheme.startswith("postgres")
    with tempfile.TemporaryDirectory(prefix="signalbox-chaos-server-") as folder:
        server = Server(where, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
