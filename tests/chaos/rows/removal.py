"""R32: deleting and pruning under triggers."""

import time

from runs.models import OPEN, Run
from runs.services import pruning
from tests.chaos.matrix import Outcome, row
from tests.chaos.processes import eventually
from tests.chaos.rig import Flow, Rig
from tests.chaos.senders import Stream
from tests.chaos.steps import KEEP
from tests.chaos.trials import in_time
from workflows import services


@row("R32", "Delete and prune never race a start", fault="both while triggers come in", first=5, full=200)
def deleted_under_triggers(rig: Rig, trials: int) -> Outcome:
    outcome = Outcome(measured="stop, archive and delete together")
    rig.staff(2, threads=4)
    for _trial in range(trials):
        _delete_under_triggers(rig, outcome)
    outcome.failures += rig.breaches()
    return outcome


def _delete_under_triggers(rig: Rig, outcome: Outcome) -> None:
    flow = rig.flow("R32", KEEP, keep_payloads="P1D")
    with Stream(lambda: rig.send(flow), senders=8, breath=0.02) as stream:
        eventually(lambda: len(stream.accepted) > 5, 30)
        begun = time.monotonic()
        services.stop(flow.pk, reason="chaos", archive=True)
        pruning.prune()
        services.delete(flow.pk, confirm=flow.name)
        seconds = time.monotonic() - begun
    orphans = in_time(lambda: not _open_runs(flow), 10, "open runs of a deleted workflow")
    problems = [f"answered {a.status}" for a in stream.answers if a.status not in (202, 404, 410)]
    outcome.add(1, orphans + problems, seconds)


def _open_runs(flow: Flow) -> int:
    return Run.objects.filter(workflow=flow.pk, status__in=OPEN).count()
