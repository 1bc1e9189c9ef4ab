"""R54: the release is changed under load, with runs open in every way."""

import json
import subprocess
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.chaos.evidence import place_of, select
from tests.chaos.matrix import Outcome, row
from tests.chaos.opened import OPEN, WAYS, missing, only, workflow_file
from tests.chaos.oracle import ask
from tests.chaos.processes import eventually
from tests.chaos.releases import NotThere, checked_out, counts_figures, revision
from tests.chaos.rig import Rig
from tests.chaos.senders import Answer, Post, Stream
from tests.chaos.sink import Sink
from tests.chaos.stacks import own_database
from tests.chaos.trials import in_time
from tests.chaos.upgrading import complaints, installation

SENDERS, BREATH = 3, 0.2
EACH, QUEUED = 3, 8
PATIENCE = 600
REST = 90.0
USUAL = 6.0
"""Seconds of a start; where it takes longer, everything does."""
MORE = 20
ADDRESSES = """
    SELECT w.name, t.address FROM workflows_workflow w JOIN workflows_trigger t ON t.workflow_id = w.id
"""
RUNS = """
    SELECT r.id, r.status, r.version_id, v.number, w.name FROM runs_run r
    JOIN workflows_workflow w ON w.id = r.workflow_id LEFT JOIN workflows_version v ON v.id = r.version_id
"""
COUNTED = "SELECT id FROM runs_tallybook WHERE counted_at IS NOT NULL"


@row("R54", "Upgrade with open runs", first=1, full=20, on_commit=False,
     fault="from an earlier revision to this one under load: stop and start on SQLite, elsewhere migrate and restart in turn")  # fmt: skip
def upgraded(rig: Rig, trials: int) -> Outcome:
    earlier = revision(rig.stack)
    outcome = Outcome(measured=f"the longest time in which no trigger was accepted, coming from {earlier}")
    rig.staff(0, schedulers=0)
    try:
        with checked_out(earlier) as code:
            for _trial in range(trials):
                outcome.add(1, *tried(rig, code))
    except NotThere as problem:
        return Outcome(measured=f"not run: {problem}")
    return outcome


def tried(rig: Rig, code: Path) -> tuple[list[str], float]:
    """One upgrade; a command that is refused is its failure, and not the row's end."""
    try:
        return upgraded_once(rig, code)
    except subprocess.CalledProcessError as refused:
        return [f"{' '.join(refused.cmd[2:5])} ended with {refused.returncode}: {refused.stderr[-300:]}"], 0.0


def upgraded_once(rig: Rig, code: Path) -> tuple[list[str], float]:
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="signalbox-upgrade-")))
        upgrade = Upgrade(rig, folder, kept.enter_context(own_database(rig.stack)), code)
        kept.callback(upgrade.close)
        upgrade.prepare()
        with upgrade.load() as load:
            problems = upgrade.go_on_to_this_release(load)
        problems += upgrade.come_to_rest()
        problems += upgrade.breaches() + upgrade.unpinned() + upgrade.refusals(load)
        problems += upgrade.installed.finish() + complaints(upgrade.installed.data)
        return problems, longest_gap(load.accepted)


class Upgrade:
    """One installation in a folder like a rig's, with its own sink and senders, so that the oracle can read it."""

    def __init__(self, rig: Rig, folder: Path, database: str, code: Path) -> None:
        self.folder, self.database, self.old = folder, database, code
        self.sink = Sink(folder / "sink.jsonl")
        self.installed = installation(rig.stack, folder / "data", database, code)
        self.post = Post(self.installed.port, folder / "senders.jsonl")
        self.paths: dict[str, str] = {}
        self.paused: list[str] = []
        self.pace = 1.0
        self.versions: dict[str, int] = {}

    def close(self) -> None:
        self.installed.end()
        self.post.close()
        self.sink.close()

    def prepare(self) -> None:
        """The old release runs, and in it all workflows."""
        begun = time.monotonic()
        self.installed.begin()
        self.pace = max(1.0, (time.monotonic() - begun) / USUAL)
        file = self.folder / "workflows.json"
        file.write_text(workflow_file(self.sink, 1, pace=self.pace))
        self.installed.manage("workflows", "import", str(file))
        self.paths = {each["name"]: f"/hooks/{each['address']}" for each in self.select(ADDRESSES)}
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self.run, self.paths))

    def run(self, name: str) -> None:
        self.installed.manage("workflows", "run", name, "--accept-warnings")

    def select(self, sql: str) -> list[dict[str, Any]]:
        return select(self.folder, self.database, sql)

    def load(self) -> Stream:
        """Triggers of runs that end at once, resent until they are accepted."""
        return Stream(self.one_more, senders=SENDERS, breath=BREATH)

    def one_more(self) -> Answer:
        name = self.post.name()
        return self.send(("Open", "Instant")[int(name[-1], 16) % 2], name)

    def send(self, workflow: str, name: str = "", way: str = "") -> Answer:
        delivery = name or self.post.name()
        return self.post.insist(self.paths[workflow], delivery, tries=PATIENCE, body={"way": way})

    def go_on_to_this_release(self, load: Stream) -> list[str]:
        """Gives what went wrong; returns when this release has accepted some triggers."""
        self.hold("Paused")
        self.open_some()
        self.publish_second()
        problems = self.open_all(1, 2)
        problems += self.installed.change(lambda: self.go_on_beside(load))
        self.wait_for_more(load)
        return problems

    def go_on_beside(self, load: Stream) -> list[str]:
        """What the old release does on the new schema: everything."""
        self.wait_for_more(load)
        self.hold("Late")
        return self.open_all(2)

    def wait_for_more(self, load: Stream) -> None:
        so_far = len(load.accepted)
        eventually(lambda: len(load.accepted) >= so_far + MORE, REST * self.pace)

    def hold(self, workflow: str) -> None:
        """Pause it with runs on their way, which are held at their next step; what comes then is a held trigger."""
        for _each in range(EACH):
            self.send(workflow)
        self.installed.manage(
            "workflows", "pause", workflow, "--reason", "The upgrade", "--in-flight", "hold"
        )
        self.paused.append(workflow)
        for _each in range(EACH):
            self.send(workflow)

    def open_some(self) -> None:
        for way in WAYS * EACH:
            self.send("Open", way=way)

    def publish_second(self) -> None:
        file = self.folder / "second.json"
        file.write_text(only("Open", workflow_file(self.sink, 2, pace=self.pace)))
        self.installed.manage("workflows", "import", str(file), "--into", "Open")
        self.installed.manage("workflows", "publish", "Open", "--accept-warnings")

    def open_all(self, *versions: int) -> list[str]:
        """Gives which kinds of open runs, and of which versions, there are not; notes which version each run has."""
        self.open_some()
        for _each in range(QUEUED):
            self.send("Queue")
        in_time(lambda: not missing(self.select(OPEN), versions), 8 * self.pace, "", every=0.1)
        found = self.select(OPEN)
        self.versions |= {run["id"]: run["version_id"] for run in found if run["version_id"]}
        return [f"at the change no run was {kind}" for kind in missing(found, versions)]

    def come_to_rest(self) -> list[str]:
        """What was held goes on; gives what did not end."""
        for workflow in self.paused:
            self.installed.manage("workflows", "resume", workflow, "--pace", "6000", "--accept-warnings")
        in_time(lambda: not self.select(OPEN), REST * self.pace, "", every=0.2)
        problems = [f"run {run['id']} is {run['status']}" for run in self.select(OPEN)]
        return problems + ([] if counts_figures(self.old) else self.count_what_was_not())

    def count_what_was_not(self) -> list[str]:
        """A release without figures: its runs are counted by themselves, but for those it closed beside the new one."""
        problems = in_time(
            lambda: self.select(COUNTED), REST * self.pace, "earlier runs were not counted", every=0.2
        )
        if self.installed.is_beside:
            self.installed.manage("metrics", "rebuild")
        return problems

    def breaches(self) -> list[str]:
        (self.folder / "audit.jsonl").write_text(self.installed.manage("audit", "export").stdout)
        verdict = ask(self.folder, {"DATABASE_URL": "", **self.installed.environment})
        return [f"{name}: {breach}" for name, found in verdict.items() for breach in found]

    def unpinned(self) -> list[str]:
        """Each run has succeeded, and was ended by the version that it was accepted with."""
        said = self.tellings()
        problems = []
        for run in self.select(RUNS):
            told = [str(run["number"])] if run["name"] != "Instant" else []
            if run["status"] != "success":
                problems.append(f"run {run['id']} is {run['status']}")
            elif said[run["id"]] != told:
                problems.append(f"run {run['id']} of version {run['number']} was ended by {said[run['id']]}")
            if self.versions.get(run["id"], run["version_id"]) != run["version_id"]:
                problems.append(f"run {run['id']} changed its version")
        return problems

    def tellings(self) -> dict[str, list[str]]:
        """The versions that the sink was told of, run by run."""
        said = defaultdict(set)
        for request in self.sink.requests():
            run, step, _item = place_of(request["key"])
            if step == "tell":
                said[run].add(request["path"].rpartition("=")[2])
        return defaultdict(list, {run: sorted(numbers) for run, numbers in said.items()})

    def refusals(self, load: Stream) -> list[str]:
        """A process that goes may leave a trigger without an answer, or ask for patience; it breaks off none."""
        lines = map(json.loads, (self.folder / "senders.jsonl").read_text().splitlines())
        answers = [line["status"] for line in lines if line["what"] == "answered"]
        wrong = {status for status in answers if status not in (0, 503) and not 200 <= status < 300}
        left = len(load.answers) - len(load.accepted)
        return [f"a trigger was answered {status}" for status in wrong] + [
            f"{left} triggers were never accepted"
        ] * (left > 0)


def longest_gap(answers: list[Answer]) -> float:
    moments = sorted(answer.sent_at + answer.seconds for answer in answers)
    return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)
