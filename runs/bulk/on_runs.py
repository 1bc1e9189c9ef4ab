"""Cancel, Kill, Replay, Release and Discard on many runs."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Case, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.web import policy
from runs import queries, services
from runs.bulk.forms import LastingForm, ReplayManyForm
from runs.bulk.on_workflows import plain
from runs.bulk.verbs import BulkVerb, Done, Options, Text, Things, Unchanged, missing_right, register
from runs.engine import aftermath, doorbell
from runs.models import BulkKind, Run, RunStatus
from runs.run_filters import RunFilter
from runs.run_forms import NoFields
from runs.run_menus import RUN_VERBS, short_id
from runs.services import RunResult
from workflows.lifecycle import Status

COLUMNS = ("id", "status", "error_step", "is_test", "workflow__name", "workflow__status", "workflow__scope")


def objection(run: Run, user: Any, *, verb: str) -> str:
    """Why the verb would be refused, as far as status and role tell."""
    if missing := missing_right(user, verb, run, run.workflow.scope.name):
        return missing
    if run.status not in RUN_VERBS[verb].statuses:
        return _("The run is %(status)s.") % {"status": run.get_status_display()}
    return ""


def objection_to_replay(run: Any, user: Any) -> str:
    """A replay needs what the run took in, and a workflow that may start runs."""
    status = run.workflow.status
    if said := objection(run, user, verb="replay"):
        return said
    if not run.has_input:
        return _("What the run took in was removed when the time to keep it had passed.")
    if run.is_test or status == Status.ACTIVE:
        return ""
    if status == Status.PAUSED and policy.may(user, "run_while_paused", run):
        return ""
    return _("Its workflow is %(status)s.") % {"status": run.workflow.get_status_display()}


def objection_to_release(run: Run, user: Any) -> str:
    """Held runs go while their workflow is Active."""
    said = objection(run, user, verb="release")
    if said or run.workflow.status == Status.ACTIVE:
        return said
    return _("Its workflow is %(status)s.") % {"status": run.workflow.get_status_display()}


def _result(done: RunResult, text: str, *, rings: bool = False) -> Done:
    if not done.changed:
        raise Unchanged(done.message)

    def after_commit() -> None:
        aftermath.follow(done.run)
        if rings:
            doorbell.ring(str(done.run.pk))

    return Done(text, after_commit=after_commit)


def _cancel(target: str, options: Options) -> Done:
    done = services.cancel(target)
    is_open = done.run.is_open
    return _result(done, _("It ends at its next step boundary.") if is_open else _("It is cancelled."))


def _kill(target: str, options: Options) -> Done:
    return _result(services.kill(target), _("It is killed."))


def _replay(target: str, options: Options) -> Done:
    old = queries.by_id(target)
    from_failed = options.get("start") == "failed" and bool(old.error_step)
    done = services.replay(
        target,
        version=options.get("version", "same"),
        from_failed=from_failed,
        while_paused=options["run_while_paused"],
    )
    return _result(done, _("Replayed as run %(id)s.") % {"id": short_id(done.run)})


def _release(target: str, options: Options) -> Done:
    return _result(services.release(target), _("It is released."), rings=True)


def _discard(target: str, options: Options) -> Done:
    return _result(services.discard(target), _("It is discarded."))


def _open_numbers(rows: list[Run]) -> list[tuple[Text, int]]:
    executing = sum(run.status == RunStatus.RUNNING for run in rows)
    return [(_("Executing now"), executing), (_("Not executing"), len(rows) - executing)]


def _replay_numbers(rows: list[Run]) -> list[tuple[Text, int]]:
    failed = sum(bool(run.error_step) for run in rows)
    workflows = len({run.workflow_id for run in rows})
    named = ngettext("Workflow", "Workflows", workflows)
    return [(_("New runs"), len(rows)), (_("With a failed step"), failed), (named, workflows)]


def _lasting_form(data: Any, rows: list[Run], user: Any) -> forms.Form:
    return LastingForm(data, count=len(rows))


def rows_of(user: Any) -> QuerySet[Any]:
    """The runs that a person sees, oldest first, with what objections look at."""
    has_input = Case(When(input="", then=Value(False)), default=Value(True))
    return queries.listed(user).order_by("pk").annotate(has_input=has_input)


def _light(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related(None).select_related("workflow__scope").only(*COLUMNS, "workflow__scope__name")


def _verb(verb: str, icon: str, perform: Callable[[str, Options], Done], **changes: Any) -> BulkVerb:
    values: dict[str, Any] = {"form": plain(NoFields), "objection": partial(objection, verb=verb), **changes}
    return BulkVerb(BulkKind.RUNS, verb, RUN_VERBS[verb].label, icon, verb, perform=perform, **values)


def offer() -> None:
    """Register the verbs on many runs; called once, when the app is ready."""
    register(
        Things(
            BulkKind.RUNS,
            UUID,
            lambda user: _light(rows_of(user)),
            lambda data, request: _light(RunFilter(data, queryset=rows_of(request.user), request=request).qs),
            lambda run: f"{run.workflow.name} · {short_id(run)}",
            "run_list",
            "run-changed",
        ),
        _verb("replay", "rotate-ccw", _replay, objection=objection_to_replay, form=plain(ReplayManyForm),
              numbers=_replay_numbers, rights=("run_while_paused",)),
        _verb("release", "log-out", _release, objection=objection_to_release),
        _verb("discard", "trash-2", _discard, form=_lasting_form, is_lasting=True),
        _verb("cancel", "ban", _cancel, numbers=_open_numbers),
        _verb("kill", "octagon-x", _kill, form=_lasting_form, numbers=_open_numbers, is_lasting=True),
    )  # fmt: skip
