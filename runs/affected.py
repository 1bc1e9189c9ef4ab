"""The runs that a workflow's verbs act on, and what they are told."""

from django.db import connection

from runs.models import Run, RunStatus, StopWish
from runs.models.run import RunQuerySet
from workflows.models import Workflow


def production(workflow: Workflow) -> RunQuerySet:
    """Tests and runs marked to pass the gate are left out: they go their own way."""
    return Run.objects.filter(workflow=workflow, is_test=False, passes_gate=False)


def finishing(runs: RunQuerySet) -> int:
    """How many of them are in flight."""
    return runs.filter(status__in=(RunStatus.RUNNING, RunStatus.WAITING)).count()


def wish(runs: RunQuerySet, asked: StopWish) -> int:
    """Tell those that execute what to do at their next boundary; gives their number.

    They are locked in the order of ids, as by whoever closes many at once: else the two wait for each other.
    """
    rows = runs.filter(status=RunStatus.RUNNING).order_by("pk")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(no_key=True)
    return Run.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(wish=asked)
