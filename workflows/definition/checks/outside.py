"""Checks against the world around: connections, secrets, other workflows, tests, recipients."""

from collections.abc import Iterator
from datetime import UTC, timedelta

from django.utils.translation import gettext as _

from workflows.definition.durations import format_duration
from workflows.definition.findings import Finding, error, join_path, warning
from workflows.definition.parts import Parts
from workflows.definition.surroundings import Surroundings
from workflows.definition.templating import holds_template
from workflows.steps.base import OutsideStep, kind_of
from workflows.triggers.base import kind_of as trigger_kind_of
from workflows.triggers.timetable import ScheduleRefused


def connections(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """Connections that are not there, lack their secret, fail or were never tested; each named once for the last two."""
    seen: set[str] = set()
    for place in parts.enabled:
        name, path = kind_of(place.step).connection_name(place.step), join_path(place.path, "connection")
        if not name or holds_template(name):
            continue
        state = around.connections.get(name)
        if state is None:
            fix = _("Create the connection, or choose another.")
            yield error(
                "unknown_connection", path, _("There is no connection “%(name)s”.") % {"name": name}, fix
            )
        elif state.needs_secret and not state.has_secret:
            fix = _("Set the secret of the connection.")
            yield error(
                "connection_secret_missing",
                path,
                _("The connection “%(name)s” has no secret.") % {"name": name},
                fix,
            )
        elif name not in seen:
            yield from _health(name, path, failing=state.health == "failing", tested=state.is_tested)
        seen.add(name)


def _health(name: str, path: str, *, failing: bool, tested: bool) -> Iterator[Finding]:
    if failing:
        sentence = _("The connection “%(name)s” failed its last test.")
        yield warning(
            "connection_failing", path, sentence % {"name": name}, _("Test the connection and mend it.")
        )
    elif not tested:
        sentence = _("The connection “%(name)s” was never tested.")
        yield warning("connection_untested", path, sentence % {"name": name}, _("Test the connection."))


def trigger_secrets(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """Signed webhooks without a secret, which would refuse everything."""
    for path, trigger in parts.triggers:
        if trigger_kind_of(trigger).needs_secret(trigger) and trigger.id not in around.secret_set:
            sentence = _("The trigger “%(id)s” has no secret to check signatures with.") % {"id": trigger.id}
            yield error("trigger_secret_missing", path, sentence, _("Set or generate its secret."))


def started_workflows(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """Steps that start a workflow which is not there."""
    if around.known_workflows is None:
        return
    for place in parts.enabled:
        reference = kind_of(place.step).workflow_reference(place.step).strip()
        if reference and not holds_template(reference) and reference not in around.known_workflows:
            sentence = _("There is no workflow “%(name)s” that this one may start.") % {"name": reference}
            yield error(
                "unknown_workflow",
                f"{place.path}.workflow",
                sentence,
                _("Choose a workflow of the same scope."),
            )


def recipients(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """Whether anybody is told when something goes wrong."""
    if not parts.definition.settings.notify:
        fix = _("Add an address under settings, notify.")
        yield warning(
            "no_recipients", "settings.notify", _("Nobody is told when the workflow fails or is paused."), fix
        )


def success_metric(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """Whether success is worth something."""
    states_minutes = parts.definition.settings.minutes_saved_per_run is not None
    if not states_minutes and not any(
        kind_of(place.step).records_value(place.step) for place in parts.enabled
    ):
        fix = _("State the minutes saved per run, or add a step that records a value.")
        yield warning(
            "no_success_metric", "settings.minutes_saved_per_run", _("No success metric is defined."), fix
        )


def limited_scope(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """A first start in the whole workspace."""
    if around.scope_kind == "workspace" and not (around.ever_started or around.is_limited):
        fix = _("Start with a share of the triggers, the first few, or one hub or card.")
        yield warning(
            "workspace_wide_start", "scope", _("The first start takes in the whole workspace."), fix
        )


def test_runs(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """Whether the definition as it is now was tried."""
    fix = _("Test the workflow with a sample.")
    if around.last_test == "failed":
        yield warning(
            "test_failed", "", _("The last test run failed."), _("Mend what failed and test again.")
        )
    elif around.last_test is None:
        yield warning("never_tested", "", _("The workflow was never tested."), fix)
    elif not around.tested_since_change:
        yield warning("not_tested_since_change", "", _("The workflow was changed since its last test."), fix)


def safety(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """Steps that act outside without saying how long and how often."""
    for place in parts.enabled:
        step = place.step
        if isinstance(step, OutsideStep) and (step.timeout is None or step.retry is None):
            name = {"name": step.title}
            sentence = _("The step “%(name)s” acts outside without a timeout or retry of its own.") % name
            yield warning("no_timeout_or_retry", place.path, sentence, _("Give it a timeout and a retry."))


def pace(parts: Parts, around: Surroundings) -> Iterator[Finding]:
    """Schedules that come again before a run usually ends."""
    if around.typical_duration is None:
        return
    typical = timedelta(seconds=around.typical_duration)
    for path, trigger in parts.triggers:
        interval = _interval(trigger, around)
        if interval is not None and interval < typical:
            lengths = {"interval": format_duration(interval), "typical": format_duration(typical)}
            sentence = (
                _("The schedule comes every %(interval)s, but a run usually takes %(typical)s.") % lengths
            )
            yield warning(
                "schedule_too_frequent", path, sentence, _("Run it less often, or choose an overlap rule.")
            )


def _interval(trigger: object, around: Surroundings) -> timedelta | None:
    now = around.now.astimezone(UTC)
    try:
        timetable = trigger_kind_of(trigger).timetable(trigger)  # type: ignore[arg-type]
    except ScheduleRefused:
        return None
    first = timetable.next_after(now, anchor=now) if timetable else None
    second = timetable.next_after(first, anchor=now) if timetable and first else None
    return second - first if first and second else None
