"""Another release's code beside this one: what an upgrade begins with."""

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.stacks import Stack
from tests.journeys.processes import ROOT

# There is no tagged release. After the first of these came every migration but the first of each app: whoever comes from
# it meets every change of the schema at once. It has a classic queue at RabbitMQ, which must be deleted by hand
# (docs/scaling.md), so there the other one stands for a release: it has the queue and the schema of HEAD.
FIRST, WITH_QUORUM_QUEUE = "fa485be", "e44b810"


def revision(stack: Stack) -> str:
    """What an upgrade comes from on this stack; CHAOS_UPGRADE_FROM names another."""
    usual = WITH_QUORUM_QUEUE if stack.broker.startswith("amqp") else FIRST
    return os.environ.get("CHAOS_UPGRADE_FROM") or usual


class NotThere(Exception):
    """Git or the revision is missing; the message says which."""


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Its files in a folder that is removed at the end; it runs with this environment's packages. Raises NotThere."""
    archive = _archive(revision)
    with tempfile.TemporaryDirectory(prefix="signalbox-release-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder)


def _archive(revision: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise NotThere("git is not installed")
    made = subprocess.run([git, "archive", "--format=tar", revision], cwd=ROOT, capture_output=True)
    if made.returncode != 0:
        raise NotThere(f"this clone has no revision {revision}")
    return made.stdout


def counts_figures(code: Path) -> bool:
    """Whether this release closes runs with their figures: the first ones had none."""
    return (code / "runs" / "management" / "commands" / "metrics.py").exists()
