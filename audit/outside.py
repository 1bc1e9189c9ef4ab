"""Saves and deletions that pass the services by: caught by the history library, recorded as such."""

import hashlib
from typing import Any

from django.db import models
from simple_history.signals import post_create_historical_record

from audit.services import Subject, change, is_changing, plain, record
from audit.verbs import AuditWord

_HIDDEN_NAMES = ("secret", "token", "password", "digest")
_HIDDEN = "[hidden]"
_LONG = 1000


def listen() -> None:
    """Connect the receiver; repeating does nothing."""
    post_create_historical_record.connect(record_outside, dispatch_uid="audit.outside")


def record_outside(sender: Any, instance: models.Model, history_instance: Any, **kwargs: Any) -> None:
    """Leave "Changed outside the services" for a history row that no service wrote; none where nothing differs."""
    if is_changing():
        return
    before, after = differences(history_instance)
    if not before and not after:
        return
    kind = instance._meta.model_name or ""
    with change():
        record(
            AuditWord.CHANGED_OUTSIDE,
            Subject(kind, str(instance.pk), str(instance), _scope_of(instance)),
            before=before,
            after=after,
            history={kind: history_instance.pk},
        )


def differences(history_instance: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after of one history row, field by field; secrets hidden, long texts as their digest."""
    if history_instance.history_type == "+":
        return {}, _all_fields(history_instance)
    if history_instance.history_type == "-":
        return _all_fields(history_instance), {}
    previous = history_instance.prev_record
    if previous is None:
        return {}, _all_fields(history_instance)
    changes = history_instance.diff_against(previous).changes
    before = {change.field: _shown(change.field, change.old) for change in changes}
    after = {change.field: _shown(change.field, change.new) for change in changes}
    return plain(before), plain(after)


def _all_fields(history_instance: Any) -> dict[str, Any]:
    fields = history_instance.tracked_fields
    return plain(
        {field.name: _shown(field.name, getattr(history_instance, field.attname)) for field in fields}
    )


def _shown(name: str, value: Any) -> Any:
    if value and any(word in name for word in _HIDDEN_NAMES):
        return _HIDDEN
    if isinstance(value, str) and len(value) > _LONG:
        return f"sha256:{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return value


def _scope_of(instance: models.Model) -> int | None:
    scope_id = getattr(instance, "scope_id", None)
    if scope_id is None and hasattr(instance, "workflow"):
        return instance.workflow.scope_id
    return scope_id
