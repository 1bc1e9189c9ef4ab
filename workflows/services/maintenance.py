"""Planning maintenance windows: create, change, end early, delete. What they do is in maintenance_pauses.py."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.chain import instant
from audit.models import AuditEvent
from audit.services import Subject, change, record
from audit.verbs import AuditWord
from config.clock import stamp
from config.web.preferences import zones
from workflows.lifecycle import Refusal, Stale, TransitionRefused
from workflows.models import Connection, MaintenanceWindow, Scope
from workflows.models.maintenance import TITLE_LENGTH
from workflows.services.acting import differences
from workflows.services.describing import clean_tags
from workflows.services.entering import actor_label
from workflows.services.pausing import IN_FLIGHT, TRIGGERS
from workflows.services.values import clean_choice, clean_future, refuse
from workflows.texts import is_storable

State = MaintenanceWindow.State


class WindowGone(Exception):
    """There is no such window, or it was deleted."""


@dataclass(frozen=True)
class Plan:
    """What a person says about a window. Tags or a connection narrow what lies in the scopes, never both."""

    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    scopes: Sequence[Scope]
    tags: Sequence[str] = ()
    connection: Connection | None = None
    in_flight: str = "hold"
    triggers: str = "hold"


def create_window(plan: Plan) -> tuple[bool, MaintenanceWindow]:
    """Plan a window: Maintenance window created. `changed` is False when just this one stands already.

    One that should have begun begins at once. Raises ValueRefused.
    """
    wanted = check_plan(plan)
    with change():
        home = Scope.objects.select_for_update().get(pk=home_of(wanted.scopes).pk)
        twin = _twin(wanted)
        if twin is not None:
            return False, twin
        window = MaintenanceWindow(created_by=actor_label(), scope=home)
        _put(window, wanted)
        record(AuditWord.MAINTENANCE_CREATED, subject_of(window), after=facts(window))
    return True, window


def change_window(pk: int, plan: Plan, *, revision: int | None = None) -> tuple[bool, MaintenanceWindow]:
    """Plan it anew: Maintenance window changed. Once it has begun, only its end may change; once over, nothing.

    Raises WindowGone, Stale, TransitionRefused and ValueRefused.
    """
    wanted = check_plan(plan)
    with change():
        window = locked(pk)
        before = facts(window)
        asked = _facts_of(wanted) | {"ended": before["ended"]}
        if asked == before:
            return False, window
        _require_revision(window, revision)
        _require_changeable(window, before, asked)
        window.scope = home_of(wanted.scopes)
        if window.state == State.UPCOMING:
            window.bound_at = stamp()
        window.applied_at = None
        window.revision += 1
        _put(window, wanted)
        lost, gained = differences(before, asked)
        record(AuditWord.MAINTENANCE_CHANGED, subject_of(window), before=lost, after=gained)
    return True, window


def end_window(pk: int, *, revision: int | None = None) -> tuple[bool, MaintenanceWindow]:
    """End a window in force now: Maintenance window changed. The scheduler then resumes what it paused.

    `changed` is False when it is over already. Raises WindowGone, Stale and TransitionRefused.
    """
    with change():
        window = locked(pk)
        if window.state in (State.OVER, State.ENDED_EARLY):
            return False, window
        _require_revision(window, revision)
        if window.state == State.UPCOMING:
            raise TransitionRefused(_("It has not begun yet. Delete it instead."))
        window.ended_at = stamp()
        window.revision += 1
        window.save()
        after = {"ended": instant(window.ended_at)}
        record(AuditWord.MAINTENANCE_CHANGED, subject_of(window), before={"ended": None}, after=after)
    return True, window


def delete_window(pk: int, *, revision: int | None = None) -> None:
    """Delete it: Maintenance window deleted. What it has paused, the scheduler resumes. Raises WindowGone, Stale."""
    with change():
        window = locked(pk)
        _require_revision(window, revision)
        window.deleted_at = stamp()
        window.revision += 1
        window.save()
        record(AuditWord.MAINTENANCE_DELETED, subject_of(window), before=facts(window))


def locked(pk: int) -> MaintenanceWindow:
    """The window, its row locked until the transaction ends; raises WindowGone."""
    rows = MaintenanceWindow.objects.standing().select_related("scope").select_for_update(of=("self",))
    window = rows.filter(pk=pk).first()
    if window is None:
        raise WindowGone(_("There is no such maintenance window."))
    return window


def home_of(scopes: Iterable[Scope]) -> Scope:
    """The inmost scope that holds all of these: whoever sees it sees the window."""
    lines = [scope.ancestors_and_self() for scope in scopes]
    return next(scope for scope in lines[0] if all(scope in line for line in lines))


def subject_of(window: MaintenanceWindow) -> Subject:
    """The window as the subject of an audit event."""
    return Subject("maintenance", str(window.pk), window.title, window.scope_id)


def facts(window: MaintenanceWindow) -> dict[str, Any]:
    """What audit events compare, as plain values."""
    return {
        "title": window.title,
        "from": instant(window.starts_at),
        "to": instant(window.ends_at),
        "zone": window.zone,
        "scopes": sorted(scope.ref for scope in window.scopes.all()),
        "tags": window.tags,
        "connection": window.connection_name or None,
        "in_flight": window.in_flight,
        "triggers": window.triggers,
        "ended": instant(window.ended_at) if window.ended_at else None,
    }


def _facts_of(plan: Plan) -> dict[str, Any]:
    return {
        "title": plan.title,
        "from": instant(plan.starts_at),
        "to": instant(plan.ends_at),
        "zone": plan.zone,
        "scopes": sorted(scope.ref for scope in plan.scopes),
        "tags": list(plan.tags),
        "connection": plan.connection.name if plan.connection else None,
        "in_flight": plan.in_flight,
        "triggers": plan.triggers,
        "ended": None,
    }


def _twin(plan: Plan) -> MaintenanceWindow | None:
    same = MaintenanceWindow.objects.standing().filter(
        title=plan.title, starts_at=plan.starts_at, ended_at=None
    )
    return next((window for window in same if facts(window) == _facts_of(plan)), None)


def _put(window: MaintenanceWindow, plan: Plan) -> None:
    window.title, window.zone = plan.title, plan.zone
    window.starts_at, window.ends_at = plan.starts_at, plan.ends_at
    window.tag_line = "\n".join(["", *plan.tags, ""]) if plan.tags else ""
    window.connection = plan.connection
    window.connection_name = plan.connection.name if plan.connection else ""
    window.in_flight, window.triggers = plan.in_flight, plan.triggers
    window.save()
    window.scopes.set(plan.scopes)


def _require_revision(window: MaintenanceWindow, revision: int | None) -> None:
    if revision is None or revision == window.revision:
        return
    newest = AuditEvent.objects.filter(subject_kind="maintenance", subject_id=str(window.pk)).first()
    what = f"{newest.event}, {newest.actor_label}, {instant(newest.time)}" if newest else window.title
    raise Stale(_("The window changed since you looked: %(what)s. Look at it again.") % {"what": what})


def _require_changeable(window: MaintenanceWindow, before: dict[str, Any], asked: dict[str, Any]) -> None:
    if window.state in (State.OVER, State.ENDED_EARLY):
        raise TransitionRefused(_("The window is over. Plan another one."))
    changed = {name for name in asked if asked[name] != before[name]}
    if window.state == State.CURRENT and changed - {"to"}:
        raise Refusal(
            _(
                "The window has begun: only its end can be changed. To change more, end it and plan another one."
            )
        )


def check_plan(plan: Plan) -> Plan:
    """The plan made clean; raises ValueRefused for whatever create and change would refuse."""
    clean_choice("in_flight", plan.in_flight, IN_FLIGHT)
    clean_choice("triggers", plan.triggers, TRIGGERS)
    clean_future("ends_at", plan.ends_at)
    if plan.ends_at <= plan.starts_at:
        raise refuse(
            "ends_at", "ends_before_start", _("The end lies before the beginning."), _("Give a later end.")
        )
    if plan.zone not in zones():
        raise refuse("zone", "unknown_zone", _("There is no time zone of that name."))
    if not plan.scopes:
        raise refuse("scopes", "no_scope", _("A window is bound to at least one scope."), _("Tick one."))
    if plan.tags and plan.connection:
        raise refuse(
            "tags", "tags_and_connection", _("A window is bound to tags or to a connection, not to both."),
            _("Leave one of them empty."),
        )  # fmt: skip
    return Plan(**{**vars(plan), "title": _clean_title(plan.title), "tags": clean_tags(plan.tags)})


def _clean_title(title: str) -> str:
    text = " ".join(title.split())
    if not 1 <= len(text) <= TITLE_LENGTH or not is_storable(text):
        raise refuse(
            "title",
            "title_length",
            _("A title has 1 to %(most)d characters that can be shown.") % {"most": TITLE_LENGTH},
            _("Say in a few words what is being maintained."),
        )
    return text
