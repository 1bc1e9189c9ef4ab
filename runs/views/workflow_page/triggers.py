"""The triggers of a workflow as its page shows them: addresses, secrets, next times, and how to try them."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.functional import Promise

from config.web.time import zone_name
from runs.intake import schedules
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.documents import address_of
from workflows.models import Trigger, Version, Workflow
from workflows.triggers.base import BaseTrigger, TriggerKind, kind_of
from workflows.triggers.timetable import ScheduleRefused

OCCURRENCES: Final = 5
EVENTS: Final = "/api/v1/events"


@dataclass(frozen=True)
class Due:
    """One occurrence, in the schedule's own zone beside the person's where the two differ."""

    at: datetime
    local: str


@dataclass(frozen=True)
class TriggerCard:
    """One trigger. `curl` is a command that fires it, empty where a person or the clock does."""

    id: str
    kind: str
    label: str | Promise
    icon: str
    words: str
    is_live: bool
    address: str = ""
    needs_secret: bool = False
    has_secret: bool = False
    previous_until: datetime | None = None
    curl: str = ""
    due: list[Due] = field(default_factory=list)
    clocks_change: bool = False
    set_aside: str = ""


def trigger_cards(request: HttpRequest, workflow: Workflow, version: Version | None) -> list[TriggerCard]:
    """The triggers of a version. Two queries; none for a definition that cannot be read."""
    try:
        triggers = compile_definition(version.definition).triggers if version else []
        series = schedules.by_schedule(workflow, version, start=timezone.now())
    except DefinitionRefused:
        return []
    rows = {row.trigger_id: row for row in workflow.triggers.select_related("schedule")}
    return [_card(request, one, rows.get(one.id), series.get(one.id)) for one in triggers]


def _card(
    request: HttpRequest,
    trigger: BaseTrigger,
    row: Trigger | None,
    series: Iterator[schedules.Upcoming] | None,
) -> TriggerCard:
    kind = kind_of(trigger)
    address = request.build_absolute_uri(address_of(row)) if row and kind.has_address else ""
    due = list(_next(series)) if series else []
    return TriggerCard(
        id=trigger.id,
        kind=kind.kind,
        label=kind.label,
        icon=kind.icon,
        words=kind.describe(trigger),
        is_live=bool(row and row.is_live),
        address=address,
        needs_secret=kind.needs_secret(trigger),
        has_secret=bool(row and row.secret),
        previous_until=_still_valid(row),
        curl=_curl(request, kind, trigger, address),
        due=[Due(one.at, _own_time(one.local)) for one in due],
        clocks_change=len({one.local.utcoffset() for one in due}) > 1,
        set_aside=_set_aside(row),
    )


def _next(series: Iterator[schedules.Upcoming]) -> Iterator[schedules.Upcoming]:
    try:
        yield from islice(series, OCCURRENCES)
    except ScheduleRefused:
        return


def _own_time(local: datetime) -> str:
    """The time on the schedule's own clock; empty where the person's clock shows the same."""
    if local.utcoffset() == timezone.localtime(local).utcoffset():
        return ""
    return f"{formats.date_format(local, 'j M Y')}, {local:%H:%M} {zone_name(local)}"


def _still_valid(row: Trigger | None) -> datetime | None:
    until = row.previous_until if row else None
    return until if until and until > timezone.now() else None


def _set_aside(row: Trigger | None) -> str:
    try:
        return row.schedule.set_aside if row else ""
    except ObjectDoesNotExist:
        return ""


def _curl(request: HttpRequest, kind: TriggerKind, trigger: BaseTrigger, address: str) -> str:
    if address:
        methods: list[str] = getattr(trigger, "methods", None) or ["POST"]
        return _command(methods[0], address, {"hello": "world"})
    name = kind.event_name(trigger)
    if not name:
        return ""
    events = request.build_absolute_uri(EVENTS)
    return _command("POST", events, {"event": name, "data": {}}, "Authorization: Bearer TOKEN")


def _command(method: str, address: str, body: dict[str, Any], *headers: str) -> str:
    parts = ["curl", "-X", method, address]
    for header in (*headers, "Content-Type: application/json"):
        parts += ["-H", header]
    return shlex.join([*parts, "-d", json.dumps(body)])
