"""Trigger rows follow the definitions: an address exists from creation and stays with its trigger id."""

import json
from typing import Any

from django.db import connection

from workflows.models import Trigger, Version, Workflow


def sync_triggers(workflow: Workflow) -> None:
    """Make a row for each trigger id of the draft and the published version; say which are live.

    Live, and with an event name, are those of the published version alone. Rows whose id stands in neither
    stay without being live, so that an id that comes back has its address again. Works on the versions that
    the instance points at, saved or not. Repeating it writes nothing.
    """
    live, planned = triggers_of(workflow.published), triggers_of(workflow.draft)
    rows = {row.trigger_id: row for row in workflow.triggers.all()}
    for trigger_id in {**live, **planned, **rows}:
        row = rows.get(trigger_id) or Trigger(workflow=workflow, trigger_id=trigger_id)
        described = live.get(trigger_id) or planned.get(trigger_id) or {"kind": row.kind}
        _store(row, described, is_live=trigger_id in live)


def triggers_of(version: Version | None) -> dict[str, dict[str, Any]]:
    """The triggers that a version defines, by id, in their order."""
    if version is None:
        return {}
    return {trigger["id"]: trigger for trigger in json.loads(version.definition).get("triggers") or []}


def _store(row: Trigger, described: dict[str, Any], *, is_live: bool) -> None:
    event = described.get("event", "") if is_live and described["kind"] == "event" else ""
    wanted = {"kind": described["kind"], "is_live": is_live, "event": event}
    if row.pk and all(getattr(row, name) == value for name, value in wanted.items()):
        return
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save()


def forget_triggers(workflow: Workflow) -> None:
    """Delete all trigger rows with their addresses and secrets: the workflow is deleted."""
    if connection.vendor == "postgresql":
        # First the rows themselves: a delivery that is being accepted is then seen by the cascade, or finds nothing.
        list(workflow.triggers.select_for_update().values_list("pk"))
    workflow.triggers.all().delete()
