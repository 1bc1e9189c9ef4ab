"""The door for writes on runs: start by hand, test, cancel, kill, replay, release, discard, decide, prune, remove."""

from runs.services.acting import RunGone, RunResult
from runs.services.deciding import decide
from runs.services.ending import cancel, kill
from runs.services.holding import discard, release
from runs.services.pruning import prune
from runs.services.removing import remove
from runs.services.replaying import replay
from runs.services.starting import start_by_hand, test

__all__ = [
    "RunGone",
    "RunResult",
    "cancel",
    "decide",
    "discard",
    "kill",
    "prune",
    "release",
    "remove",
    "replay",
    "start_by_hand",
    "test",
]
