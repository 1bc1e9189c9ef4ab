"""R28 and R29: new versions under load, and limits that hold."""

import json
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from runs.models import Run
from tests.chaos.figures import told
from tests.chaos.matrix import Outcome, row
from tests.chaos.rig import Flow, Rig
from tests.chaos.rows.gates import BREATH, SENDERS, STEPS
from tests.chaos.senders import Stream
from workflows import services
from workflows.models import Version, Workflow

LIMITS = (1, 3, 10)
TRIGGERS, ON_COMMIT = 500, 100
# A wait keeps its slot; it ends by the pump's turn, which under a limit of 1 would make minutes of 500 runs.
NAP = ({"id": "nap", "kind": "delay", "for": "PT0.01S"},)


@row("R28", "Publish is atomic, runs keep versions", first=5, full=200,
     fault="a version published at 50 triggers a second, its command killed at K16 every other time")  # fmt: skip
def published_whole(rig: Rig, trials: int) -> Outcome:
    outcome, times = Outcome(), []
    rig.staff(4)
    flow = rig.flow("Versions", *STEPS)
    with Stream(lambda: rig.send(flow), senders=SENDERS, breath=BREATH) as stream:
        for number in range(trials):
            begun = time.perf_counter()
            outcome.add(1, publish(rig, flow, number, dies=number % 2 == 1))
            times.append(time.perf_counter() - begun)
    outcome.failures += rig.unrested(answer.run for answer in stream.accepted)
    outcome.failures += strangers(flow) + rig.breaches()
    outcome.longest, outcome.measured = max(times), told("publish with its command's start", times)
    return outcome


def publish(rig: Rig, flow: Flow, number: int, *, dies: bool) -> list[str]:
    """One more version that says its number; where its command dies, nothing of it stands, and it is sent again."""
    document = json.loads(newest(flow).definition)
    document["steps"][0]["values"]["n"] = f"version {number}"
    services.save_draft(flow.pk, document)
    before = published(flow)
    if dies:
        rig.faults.arm("K16 kill once")
        rig.processes.once(
            f"publish-{number}-dies", "workflows", "publish", str(flow.pk), "--accept-warnings"
        )
        fired = rig.faults.fired("K16")
        rig.faults.disarm()
        if not fired or published(flow) != before:
            return [f"K16 fired {len(fired)} times, version {published(flow)} is published"]
    code = rig.processes.once(f"publish-{number}", "workflows", "publish", str(flow.pk), "--accept-warnings")
    told_and_done = (code, published(flow))
    return [] if told_and_done == (0, before + 1) else [f"exit code and version: {told_and_done}"]


def newest(flow: Flow) -> Version:
    return Version.objects.filter(workflow=flow.pk).latest("number")


def published(flow: Flow) -> int:
    version = Workflow.objects.select_related("published").get(pk=flow.pk).published
    assert version is not None
    return version.number


def strangers(flow: Flow) -> list[str]:
    """Runs whose output is not what their own version says."""
    said = {
        version.pk: json.loads(version.definition)["steps"][0]["values"]["n"]
        for version in Version.objects.filter(workflow=flow.pk)
    }
    wrong = []
    for run in Run.objects.filter(workflow=flow.pk, status="success").prefetch_related("step_attempts"):
        found = [attempt.output for attempt in run.step_attempts.all() if attempt.step_id == "first"]
        expected = said[run.version_id].replace("{{ trigger.kind }}", "webhook")
        if found and json.loads(found[0])["n"] != expected:
            wrong.append(f"run {run.pk} of {said[run.version_id]!r} gave {found[0]}")
    return wrong


@row(
    "R29",
    "Limits and overlap hold",
    fault="limit 1, 3, 10; 500 triggers (100 on commit) by 8 senders, 8 workers",
    first=3,
    full=60,
)
def limits_hold(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="from the first trigger to the last end under one limit")
    rig.staff(8)
    for number in range(trials):
        most = LIMITS[number % len(LIMITS)]
        flow = rig.flow("Limit", *STEPS, *(NAP if most == max(LIMITS) else ()), max_running=most)
        begun = time.monotonic()
        runs = rig.trigger(flow, TRIGGERS if trials > len(LIMITS) else ON_COMMIT)
        problems = rig.unrested(runs, within=300)[:3]
        outcome.add(1, problems + judged(flow, most), time.monotonic() - begun)
    outcome.failures += rig.breaches()
    return outcome


def judged(flow: Flow, most: int) -> list[str]:
    """No more at once than the limit; none left open that would hold a slot."""
    runs = Run.objects.filter(workflow=flow.pk)
    found = together(runs.values_list("started_at", "ended_at"))
    leaked = runs.open().count()
    problems = [f"{found} at once under limit {most}"] if found > most else []
    return problems + ([f"{leaked} slots leaked"] if leaked else [])


def together(spans: Iterable[tuple[Any, Any]]) -> int:
    """The most that ran at one moment; one that ends when another starts does not overlap it."""
    moments: list[tuple[datetime, int]] = []
    for started, ended in spans:
        if started and ended:
            moments += [(started, 1), (ended, -1)]
    running = most = 0
    for _moment, change in sorted(moments, key=lambda moment: (moment[0], moment[1])):
        running += change
        most = max(most, running)
    return most
