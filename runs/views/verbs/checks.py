"""The check list, changes and triggers that dialogs show before something goes live."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from config.web import policy
from runs.intake.timetables import schedule_rules, timetable_of
from workflows import files
from workflows.definition.check import CheckResult
from workflows.definition.compiled import compile_definition
from workflows.definition.diff import Diff, compare
from workflows.definition.findings import DefinitionRefused, Finding
from workflows.documents import address_of
from workflows.models import Version, Workflow
from workflows.triggers.base import kind_of
from workflows.triggers.timetable import ScheduleRefused


@dataclass(frozen=True)
class PlacedFinding:
    """A finding with the address of its place in the editor, empty for those who may not edit."""

    finding: Finding
    href: str


@dataclass(frozen=True)
class LiveTrigger:
    """A trigger as the dialog shows it: what it is, where it is reached, when it is due next."""

    id: str
    label: str | Promise
    icon: str
    says: str
    address: str
    next_at: datetime | None


def check_context(request: HttpRequest, workflow: Workflow, result: CheckResult) -> dict[str, Any]:
    """`errors`, `warnings`, `passed` and `editor` for `workflows/verbs/_checks.html`."""
    editor = (
        reverse("workflow_edit", args=[workflow.pk]) if policy.may(request.user, "edit", workflow) else ""
    )
    return {
        "errors": _placed(result.errors, editor),
        "warnings": _placed(result.warnings, editor),
        "passed": result.passed,
        "editor": editor,
    }


def _placed(findings: list[Finding], editor: str) -> list[PlacedFinding]:
    return [PlacedFinding(finding, _place(finding, editor)) for finding in findings]


def _place(finding: Finding, editor: str) -> str:
    if not editor or not finding.path:
        return editor
    return f"{editor}?{urlencode({'at': finding.path})}"


def changes(old: Version | None, new: Version | None) -> Diff | None:
    """What differs between two versions; None where one of them is missing."""
    if old is None or new is None or old.pk == new.pk:
        return None
    return compare(files.document_of(old), files.document_of(new))


def live_triggers(workflow: Workflow, version: Version | None) -> list[LiveTrigger]:
    """The triggers that a version brings. One query; none for a definition that cannot be read."""
    try:
        triggers = compile_definition(version.definition).triggers if version else []
        rules = schedule_rules(version)
    except DefinitionRefused:
        return []
    rows = {row.trigger_id: row for row in workflow.triggers.all()}
    now = timezone.now()
    live = []
    for trigger in triggers:
        kind, row, rule = kind_of(trigger), rows.get(trigger.id), rules.get(trigger.id)
        address = address_of(row) if row and kind.has_address else ""
        next_at = _next(rule, now) if rule else None
        live.append(LiveTrigger(trigger.id, kind.label, kind.icon, kind.describe(trigger), address, next_at))
    return live


def _next(rule: Any, now: datetime) -> datetime | None:
    try:
        return timetable_of(rule).next_after(now, anchor=now)
    except ScheduleRefused:
        return None
