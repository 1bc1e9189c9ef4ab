"""Documents for tests: the example of the format, and small ones made to measure."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflows.definition.check import CheckResult, Surroundings, check
from workflows.definition.findings import DefinitionRefused, Finding
from workflows.definition.loading import validate

EXAMPLE_TEXT = (Path(__file__).parent / "lead_qualification.json").read_text(encoding="utf-8")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def example() -> dict[str, Any]:
    """A fresh copy of the example of the format."""
    return json.loads(EXAMPLE_TEXT)


def document(*steps: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A small workflow with a manual trigger."""
    base = {
        "format": "signalbox/1",
        "name": "Small",
        "triggers": [{"id": "by_hand", "kind": "manual"}],
        "steps": list(steps),
    }
    return base | changes


def set_step(id_: str, /, **changes: Any) -> dict[str, Any]:
    """A complete step that only computes."""
    return {"id": id_, "kind": "set", "values": {"a": 1}} | changes


def always(*steps: dict[str, Any]) -> dict[str, Any]:
    """A branch whose condition depends on the trigger."""
    return {"if": {"left": "{{ trigger.kind }}", "op": "is", "right": "manual"}, "steps": list(steps)}


def surroundings(**changes: Any) -> Surroundings:
    """A world in which nothing is amiss."""
    quiet = {"now": NOW, "scope_kind": "hub", "last_test": "success", "tested_since_change": True}
    return Surroundings(**(quiet | changes))


def checked(value: dict[str, Any], **changes: Any) -> CheckResult:
    """What `check` says of a document."""
    return check(validate(value), surroundings(**changes))


def found(value: dict[str, Any], **changes: Any) -> list[tuple[str, str]]:
    """Codes and paths of the errors that `check` finds."""
    return [(finding.code, finding.path) for finding in checked(value, **changes).errors]


def warned(value: dict[str, Any], **changes: Any) -> list[tuple[str, str]]:
    """Codes and paths of the warnings that `check` finds, apart from those that every small document has."""
    common = {"no_recipients", "no_success_metric"}
    warnings = checked(value, **changes).warnings
    return [(finding.code, finding.path) for finding in warnings if finding.code not in common]


def refused(value: Any) -> list[tuple[str, str]]:
    """Codes and paths of the findings with which `validate` refuses a value; none where it takes it."""
    return [(finding.code, finding.path) for finding in findings_of(value)]


def findings_of(value: Any) -> list[Finding]:
    """The findings with which `validate` refuses a value."""
    try:
        validate(value)
    except DefinitionRefused as refusal:
        return refusal.findings
    return []
