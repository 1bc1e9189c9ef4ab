"""Arming failpoints in a rig's processes and seeing that they fired (config/failpoints.py)."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from tests.chaos.processes import NotInTime, eventually


class Faults:
    """The folder of failpoints that all processes of a rig share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def arm(self, *lines: str) -> None:
        """A new plan, counting from nothing: `arm("K7 kill first:4")`."""
        self.disarm()
        fresh = self.folder / "plan.new"
        fresh.write_text("\n".join(lines))
        os.replace(fresh, self.folder / "plan")

    def disarm(self) -> None:
        for name in ("plan", "reached", "fired"):
            (self.folder / name).unlink(missing_ok=True)

    def fired(self, point: str = "") -> list[dict[str, Any]]:
        """What fired under this plan: `point`, `action`, `process`, `at`."""
        try:
            lines = (self.folder / "fired").read_text().splitlines()
        except FileNotFoundError:
            return []
        found = [json.loads(line) for line in lines]
        return [line for line in found if not point or line["point"] == point]

    def is_free(self) -> bool:
        """Whether no process stands between the record of its fault and the fault itself: one that is frozen there
        keeps every other from its failpoints."""
        for name in ("reached", "fired"):
            with (self.folder / name).open("a") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
        return True

    def await_fired(self, point: str, count: int, within: float = 30) -> bool:
        """Whether the point fired so often in time; a trial whose fault did not fire is a failed one."""
        try:
            eventually(lambda: len(self.fired(point)) >= count, within)
        except NotInTime:
            return False
        return True
