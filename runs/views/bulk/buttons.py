"""The buttons of the bar below a list."""

from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from config.web import policy
from runs.bulk.verbs import Text, verbs_of
from runs.models import BulkKind

ADDRESSES: Final = {
    BulkKind.WORKFLOWS: ("workflow_bulk", "workflow_export"),
    BulkKind.RUNS: ("run_bulk", "run_export"),
}


@dataclass(frozen=True)
class Button:
    """One verb; what it would do is said by its dialog."""

    verb: str
    label: Text
    icon: str
    url: str
    is_lasting: bool


def bulk_context(kind: BulkKind, user: Any) -> dict[str, Any]:
    """The buttons that the person may press somewhere at all, and where Export leads."""
    act, export = ADDRESSES[kind]
    buttons = [
        Button(verb.verb, verb.label, verb.icon, reverse(act, args=[verb.verb]), verb.is_lasting)
        for verb in verbs_of(kind)
        if policy.may(user, verb.permission)
    ]
    return {"bulk_buttons": buttons, "bulk_export": reverse(export)}
