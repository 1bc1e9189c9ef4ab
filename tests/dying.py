"""Python in a process of its own, on a database of its own, that a failpoint may kill."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETUP = "import django; django.setup()\n"
PREPARE = SETUP + "from django.core.management import call_command\ncall_command('migrate', verbosity=0)\n"


class Mortal:
    """Runs pieces of code against one data folder; `plan` is what the failpoints do (config/failpoints.py)."""

    def __init__(self, folder: Path, plan: str) -> None:
        self.folder, self.faults = folder, folder / "faults"
        self.faults.mkdir()
        (self.faults / "plan").write_text(f"{plan}\n")
        foreign = ("DATABASE_URL", "EMAIL_URL", "BROKER_URL")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in foreign},
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "SIGNALBOX_DATA": str(folder),
            "EMAIL_URL": f"filemail:///{folder}/mail",
        }

    def prepare(self, code: str) -> None:
        """A migrated database, and whatever the code makes in it; no failpoint is alive."""
        self._python(PREPARE + code, 0)

    def dies(self, code: str) -> None:
        """The code meets its failpoint and is killed by it."""
        self._python(SETUP + code, -signal.SIGKILL, SIGNALBOX_FAILPOINTS=str(self.faults))
        assert (self.faults / "fired").exists()

    def says(self, code: str) -> str:
        """What the code prints when nothing fails."""
        return self._python(SETUP + code, 0)

    def _python(self, code: str, expected: int, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == expected, done.stderr
        return done.stdout
