"""Random operations on the real database; after each, what must always hold is checked."""

import json
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from audit.querysets import BulkWriteRefused
from runs import services as run_services
from runs.engine import executor, release, sweeper
from runs.intake import Occurrence, start
from runs.intake.occurrences import HoldFull, UnknownTarget
from runs.models import Run
from runs.monitoring import folding
from tests.runs.promises import Promises
from workflows import services
from workflows.launch import Launch
from workflows.lifecycle import STATUS_WAYS, Refusal, Status
from workflows.models import Workflow
from workflows.models.workflow import StatusChangedOutside

# On each commit; `make fuzz ROWS=R30` has more and longer ones.
EXAMPLES, STEPS_EACH = 200, 12
REASON = "By the state machine"
STEPS: list[dict[str, Any]] = [
    {"id": "a", "kind": "set", "values": {"x": "{{ trigger.kind }}"}},
    {"id": "mail", "kind": "send_email", "to": "a@example.test", "subject": "s", "text": "t"},
    {"id": "nap", "kind": "delay", "for": "PT5M"},
    {"id": "night", "kind": "delay", "for": "PT5H"},
    {"id": "end", "kind": "set", "values": {"done": True}},
]


class Died(BaseException):
    """A worker that is killed: nothing catches it."""


def refused(act: Any, *args: Any, **kwargs: Any) -> Any:
    """Do it; being refused is an answer too."""
    try:
        return act(*args, **kwargs)
    except (Refusal, services.WorkflowGone, run_services.RunGone, UnknownTarget, HoldFull):
        return None


class Lifecycle(Promises):
    workflows = Bundle("workflows")

    @initialize(target=workflows)
    def two_workflows(self) -> Any:
        made = []
        for steps in (STEPS[:1] + STEPS[2:], STEPS):
            definition = {"format": "signalbox/1", "name": f"Workflow {len(made)}", "steps": steps}
            definition["triggers"] = [{"id": "hook", "kind": "webhook"}]
            (workflow,) = services.import_file(json.dumps(definition)).workflows
            self.statuses[workflow.pk], self.revisions[workflow.pk] = "draft", workflow.revision
            made.append(workflow.pk)
        return multiple(*made)

    @rule(pk=workflows, launch=st.sampled_from(["", "", "first 1", "share 0.5"]))
    def run(self, pk: int, launch: str) -> None:
        refused(services.run, pk, accept_warnings=True, launch=Launch.read(launch))

    @rule(pk=workflows, launch=st.sampled_from(["", "first 2", "share 0.9"]))
    def widen(self, pk: int, launch: str) -> None:
        refused(services.widen, pk, Launch.read(launch))

    @rule(
        pk=workflows,
        in_flight=st.sampled_from(["finish", "hold", "cancel"]),
        triggers=st.sampled_from(["hold", "skip"]),
    )
    def pause(self, pk: int, in_flight: str, triggers: str) -> None:
        result = refused(services.pause, pk, reason=REASON, in_flight=in_flight, triggers=triggers)
        if result and result.changed:
            newest = Run.objects.filter(workflow=pk, started_at__gt=result.figures["paused_at"])
            assert not newest.exists()

    @rule(
        pk=workflows, held=st.sampled_from(["release", "discard", "keep"]), pace=st.sampled_from([None, 6000])
    )
    def resume(self, pk: int, held: str, pace: int | None) -> None:
        refused(services.resume, pk, held=held, pace=pace, accept_warnings=True)

    @rule(pk=workflows, archive=st.booleans())
    def stop(self, pk: int, archive: bool) -> None:
        refused(services.stop, pk, reason=REASON, archive=archive)

    @rule(pk=workflows, verb=st.sampled_from(["archive", "unarchive", "publish", "discard_draft"]))
    def plain_verb(self, pk: int, verb: str) -> None:
        options = {"accept_warnings": True} if verb == "publish" else {}
        refused(getattr(services, verb), pk, **options)

    @rule(pk=workflows, category=st.sampled_from(["", "outage", "testing"]))
    def change_pause(self, pk: int, category: str) -> None:
        refused(services.change_pause, pk, category=category)

    @rule(pk=workflows, text=st.sampled_from(["one", "two", "three"]))
    def edit(self, pk: int, text: str) -> None:
        workflow = Workflow.objects.get(pk=pk)
        newest = workflow.draft or workflow.published
        document = json.loads(newest.definition)
        document["steps"][0]["note"] = text
        refused(services.save_draft, pk, json.dumps(document))

    @rule(pk=workflows, publish=st.booleans())
    def roll_back(self, pk: int, publish: bool) -> None:
        refused(services.roll_back, pk, to=1, publish=publish, replace_draft=True)

    @rule(pk=workflows, status=st.sampled_from([*Status.values, "nonsense"]))
    def save_past_the_services(self, pk: int, status: str) -> None:
        workflow = Workflow.objects.get(pk=pk)
        if status == workflow.status or (workflow.status, status) in STATUS_WAYS:
            return
        workflow.status = status
        with pytest.raises(StatusChangedOutside):
            workflow.save()
        with pytest.raises(BulkWriteRefused):
            Workflow.objects.filter(pk=pk).update(status=status)

    @rule(pk=workflows, name=st.sampled_from(["Ada", "Ken", "Grace"]))
    def rename(self, pk: int, name: str) -> None:
        refused(services.rename, pk, name=name)

    @rule(pk=workflows)
    def trigger(self, pk: int) -> None:
        workflow = Workflow.objects.get(pk=pk)
        hook = workflow.triggers.get(trigger_id="hook")
        refused(start, hook, pk, Occurrence("webhook", {"body": {}}, timezone.now()))

    @rule(pk=workflows, while_paused=st.booleans())
    def by_hand(self, pk: int, while_paused: bool) -> None:
        refused(run_services.start_by_hand, pk, {}, while_paused=while_paused)

    @rule(pk=workflows)
    def test(self, pk: int) -> None:
        refused(run_services.test, pk, {})

    @rule(data=st.data())
    def advance(self, data: st.DataObject) -> None:
        run = self._some_run(data)
        if run is not None:
            executor.advance(str(run.pk))

    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        """The worker dies while it sends; its lease runs out."""
        run = self._some_run(data)
        if run is None:
            return
        with mock.patch("runs.engine.performing.send_email", side_effect=Died):
            try:
                executor.advance(str(run.pk))
            except Died:
                past = timezone.now() - timedelta(seconds=1)
                Run.objects.filter(pk=run.pk, status="running").update(lease_until=past)

    @rule(data=st.data())
    def time_passes(self, data: st.DataObject) -> None:
        run = self._some_run(data)
        if run is not None and run.status == "waiting":
            past = timezone.now() - timedelta(seconds=1)
            Run.objects.filter(pk=run.pk).update(due_at=past)
            run.step_attempts.filter(status="waiting").update(due_at=past)

    @rule(data=st.data(), verb=st.sampled_from(["cancel", "kill", "release", "discard", "replay"]))
    def run_verb(self, data: st.DataObject, verb: str) -> None:
        run = self._some_run(data, open_only=verb != "replay")
        if run is not None:
            refused(getattr(run_services, verb), run.pk)

    @rule(data=st.data(), how=st.sampled_from(["done", "repeat", "fail"]))
    def decide(self, data: st.DataObject, how: str) -> None:
        run = self._some_run(data)
        if run is not None:
            refused(run_services.decide, run.pk, how)

    @rule()
    def scheduler_turns(self) -> None:
        release.tick()
        release.adopt_strays()
        sweeper.note_drained()
        sweeper.stop_killers()

    @rule()
    def fold(self) -> None:
        folding.fold()

    def _some_run(self, data: st.DataObject, *, open_only: bool = True) -> Run | None:
        runs = list((Run.objects.open() if open_only else Run.objects.all()).order_by("id")[:12])
        return data.draw(st.sampled_from(runs)) if runs else None


def random_operations(machine: type[Lifecycle], *, examples: int, steps: int) -> None:
    """So many lives of so many operations; raises what breaks a promise, with the shortest way to it."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks
        ),
    )


@pytest.mark.django_db
@pytest.mark.stack
def test_random_operations_keep_every_promise() -> None:
    random_operations(Lifecycle, examples=EXAMPLES, steps=STEPS_EACH)


@pytest.mark.django_db
def test_machine_would_notice_a_status_that_moves_by_itself() -> None:
    machine = Lifecycle()
    (pk, _other) = machine.two_workflows().values
    machine.status_changes_only_along_the_table()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflows_workflow SET status = 'active' WHERE id = %s", [pk])

    with pytest.raises((AssertionError, IndexError)):
        machine.status_changes_only_along_the_table()

    transaction.set_rollback(True)
    machine.block.__exit__(None, None, None)
