"""Findings that stand: what is unusual now, whatever the window."""

import json
from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext_lazy

from config.web.time import machine
from runs.models import Finding
from runs.monitoring.findings import queries
from runs.views.monitoring.asked import Asked
from runs.views.monitoring.panel import Panel, Row


def found(asked: Asked) -> list[Finding]:
    """Of the workflows, scope and person that are asked about."""
    workflows = [one.pk for one in asked.workflows] or None
    return queries.standing(workflows=workflows, scopes=asked.scopes, seen=asked.seen)


def build(asked: Asked) -> dict[str, Any]:
    findings = found(asked)
    # What changes about a finding does not show in how it is written.
    moved = [(one.state, one.last_seen, one.score, one.window_to) for one in findings]
    return {"findings": findings, "moved": moved}


def rows(asked: Asked) -> Iterator[Row]:
    yield ("finding", "kind", "workflow", "state", "since", "last_seen", "observed", "expected", "facts")
    for one in found(asked):
        facts = json.dumps(json.loads(one.facts), sort_keys=True)
        yield (
            one.pk, one.kind, one.workflow.name, one.state, machine(one.since), machine(one.last_seen),
            one.observed, one.expected, facts,
        )  # fmt: skip


PANEL: Final = Panel(
    "unusual",
    gettext_lazy("Unusual now"),
    "runs/monitoring/_unusual.html",
    build,
    rows,
    is_wide=True,
    is_live=True,
)
