"""Run, Pause, Resume, Stop, Archive and Tag on many workflows."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils import dateparse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web import policy
from runs import effects, summaries
from runs.attention import Attention
from runs.bulk.forms import ArchiveManyForm, PauseManyForm, ResumeManyForm, RunManyForm, TagManyForm
from runs.bulk.verbs import BulkVerb, Done, Options, Text, Things, Unchanged, missing_right, register
from runs.filters import WorkflowFilter
from runs.models import BulkKind, Run, RunStatus
from runs.models.run import RunQuerySet
from runs.verb_texts import paused_text, resumed_text, stopped_text
from workflows import queries, services
from workflows.forms import StopForm
from workflows.lifecycle import TRANSITIONS, Status
from workflows.models import Workflow
from workflows.services import VerbResult
from workflows.services.describing import clean_tags
from workflows.services.pausing import check_pause
from workflows.services.resuming import test_connections
from workflows.services.values import clean_reason

RUNNING: Final = (Status.ACTIVE, Status.PAUSED)
COUNTED: Final = ("finishing", "held", "cancelled", "released", "discarded", "kept")


def objection(workflow: Workflow, user: Any, *, verb: str, permission: str = "") -> str:
    """Why the verb would be refused, as far as status and role tell; checks speak when its turn comes."""
    transition = TRANSITIONS[verb]
    if missing := missing_right(user, permission or verb, workflow, workflow.scope.name):
        return missing
    status = workflow.get_status_display()
    if workflow.status in transition.settled:
        return _("It is %(status)s already.") % {"status": status}
    if workflow.status not in transition.sources:
        return _("It is %(status)s.") % {"status": status}
    return ""


def objection_to_archiving(workflow: Workflow, user: Any) -> str:
    """Those that run may be stopped first by whoever may do both."""
    if workflow.status in RUNNING:
        return missing_right(user, "stop_and_archive", workflow, workflow.scope.name)
    return objection(workflow, user, verb="archive")


def _result(done: VerbResult, text: str) -> Done:
    if not done.changed:
        raise Unchanged(done.message)
    figures = {name: done.figures[name] for name in COUNTED if done.figures.get(name)}
    return Done(text, figures)


def _errors(rows: list[Workflow]) -> dict[int, str]:
    """Those whose checks find errors now; two queries."""
    summary, attention = summaries.summaries([row.pk for row in rows]) if rows else {}, Attention(rows)
    counted = {row.pk: attention.errors(row, summary[row.pk]) for row in rows}
    return {pk: _("Its checks find errors.") for pk, count in counted.items() if count}


def _run(target: str, options: Options) -> Done:
    done = services.run(int(target), accept_warnings=options.get("accept_warnings", False))
    return _result(done, _("It is Active."))


def _pause(target: str, options: Options) -> Done:
    done = services.pause(int(target), **_pause_values(options))
    return _result(done, paused_text(done) if done.changed else "")


def _pause_values(options: Options) -> dict[str, Any]:
    until = options.get("until")
    return {**options, "until": dateparse.parse_datetime(until) if isinstance(until, str) else until}


def _resume(target: str, options: Options) -> Done:
    done = services.resume(
        int(target),
        held=options.get("held") or "release",
        held_runs=options.get("held_runs") or "release",
        missed_ticks=options.get("missed_ticks") or "none",
        pace=options.get("pace"),
        test_first=False,
    )
    return _result(done, resumed_text(done) if done.changed else "")


def _stop(target: str, options: Options) -> Done:
    if options.get("archive") and not options["stop_and_archive"]:
        raise Unchanged(_("Archiving it needs the role Manager."))
    done = services.stop(int(target), reason=options["reason"], archive=options.get("archive", False))
    return _result(done, stopped_text(done) if done.changed else "")


def _archive(target: str, options: Options) -> Done:
    if options.get("stop_first") and Workflow.objects.filter(pk=target, status__in=RUNNING).exists():
        return _stop(target, {**options, "archive": True})
    return _result(services.archive(int(target)), _("It is archived."))


def _tag(target: str, options: Options) -> Done:
    has = queries.everything().get(pk=target).tags
    removed = {tag.casefold() for tag in options["remove"]}
    tags = [tag for tag in [*has, *options["add"]] if tag.casefold() not in removed]
    done = services.describe(int(target), tags=tags)
    said = ", ".join(done.workflow.tags) or _("none")
    return _result(done, _("Its tags: %(tags)s.") % {"tags": said})


def _runs_of(rows: list[Workflow]) -> RunQuerySet:
    return Run.objects.filter(workflow__in=[row.pk for row in rows], is_test=False, passes_gate=False)


def _pause_numbers(rows: list[Workflow]) -> list[tuple[Text, int]]:
    counts = effects.counts_of(_runs_of(rows))
    return [
        (_("Executing"), counts["running"]),
        (_("Waiting up to 15 minutes"), counts["waiting"] - counts["waiting_long"]),
        (_("Waiting longer, become Held"), counts["waiting_long"]),
        (_("Not started, become Held"), counts["pending"]),
    ]


def _stop_numbers(rows: list[Workflow]) -> list[tuple[Text, int]]:
    counts = effects.counts_of(_runs_of([row for row in rows if row.status in RUNNING]))
    return [
        (_("Not started, cancelled"), counts["pending"]),
        (_("Waiting, cancelled"), counts["waiting"]),
        (_("Held, cancelled"), counts["held"]),
        (_("Need a decision, cancelled"), counts["needs_decision"]),
        (_("Executing, end after the step"), counts["running"]),
    ]


def _held(rows: list[Workflow]) -> dict[str, int]:
    """What a resume asks about, over all of them; one query and one for the ticks."""
    counts, since = effects.counts_of(_runs_of(rows)), [row.paused_at for row in rows if row.paused_at]
    ticks = _runs_of(rows).filter(status=RunStatus.SKIPPED, reason="paused", trigger_kind="schedule")
    skipped = ticks.filter(received_at__gte=min(since)).count() if since else 0
    held, triggers = counts["held"], counts["held_triggers"]
    return {"held_triggers": triggers, "held_runs": held - triggers, "ticks": skipped}


def _resume_numbers(rows: list[Workflow]) -> list[tuple[Text, int]]:
    held = _held(rows)
    return [
        (_("Held triggers"), held["held_triggers"]),
        (_("Held runs"), held["held_runs"]),
        (_("Skipped ticks"), held["ticks"]),
    ]


def _stop_form(data: Any, rows: list[Workflow], user: Any) -> forms.Form:
    return StopForm(data, may_archive=policy.may(user, "stop_and_archive"))


def _archive_form(data: Any, rows: list[Workflow], user: Any) -> forms.Form:
    return ArchiveManyForm(data, running=sum(row.status in RUNNING for row in rows))


def _check_pause(options: Options) -> None:
    check_pause(**_pause_values(options))


def _check_reason(options: Options) -> None:
    if options.get("reason"):
        clean_reason(options["reason"])


def plain(form: type[forms.Form]) -> Callable[[Any, list[Any], Any], forms.Form]:
    """A form that asks the same whatever is selected."""
    return lambda data, rows, user: form(data)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError(text)
    return int(text)


def rows_of(user: Any) -> QuerySet[Any]:
    return queries.listed(user).order_by("name_key", "pk")


def _verb(verb: str, icon: str, **changes: Any) -> BulkVerb:
    values = {
        "label": TRANSITIONS[verb].label,
        "permission": verb,
        "objection": partial(objection, verb=verb),
        **changes,
    }
    return BulkVerb(BulkKind.WORKFLOWS, verb, icon=icon, **values)


def offer() -> None:
    """Register the verbs on many workflows; called once, when the app is ready."""
    register(
        Things(
            BulkKind.WORKFLOWS,
            _whole,
            rows_of,
            lambda data, request: WorkflowFilter(data, queryset=rows_of(request.user), request=request).qs,
            lambda workflow: workflow.name,
            "workflow_list",
            "workflow-changed",
        ),
        _verb("run", "play", perform=_run, form=plain(RunManyForm), checks=_errors),
        _verb("pause", "pause", perform=_pause, form=plain(PauseManyForm), check=_check_pause,
              numbers=_pause_numbers),
        _verb("resume", "step-forward", perform=_resume, numbers=_resume_numbers,
              form=lambda data, rows, user: ResumeManyForm(data, **_held(rows)),
              prepare=lambda target, options: test_connections(int(target))),
        _verb("stop", "square", perform=_stop, form=_stop_form, check=_check_reason, numbers=_stop_numbers,
              rights=("stop_and_archive",)),
        _verb("archive", "archive", perform=_archive, form=_archive_form, check=_check_reason,
              objection=objection_to_archiving, numbers=_stop_numbers, rights=("stop_and_archive",)),
        _verb("describe", "tag", label=gettext_lazy("Tag"), perform=_tag, form=plain(TagManyForm),
              check=lambda options: clean_tags(options["add"]) and None),
    )  # fmt: skip
