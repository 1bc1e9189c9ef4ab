"""The door for reading: which events somebody sees, what happened to a thing, pages of a long log."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from audit.models import AuditEvent
from audit.verbs import AuditWord
from config.web import policy

Events = QuerySet[AuditEvent]

_BATCH = 500
_NAMESAKES = 200


def visible_to(user: Any) -> Events:
    """The events in the user's scopes; those about no scope only for who sees the whole workspace."""
    return policy.visible_to(user, AuditEvent.objects.all())


def about(subject_kind: str, subject_id: object) -> Events:
    """Everything that happened to one thing, newest first, also after its deletion."""
    return AuditEvent.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).order_by("-id")


def named(text: str, events: Events) -> Events:
    """Those about what has this id or has ever had this name, deleted things too.

    An id alone means a workflow, or a run; `connection:3` means another kind. A number that no workflow
    has is looked for among the other kinds.
    """
    kind, _, subject_id = text.partition(":")
    if subject_id and AuditEvent.objects.filter(subject_kind=kind, subject_id=subject_id).exists():
        return events.filter(subject_kind=kind, subject_id=subject_id)
    wanted = Q(subject_kind="workflow", subject_id=text) | _namesakes(text)
    if not AuditEvent.objects.filter(wanted).exists():
        wanted = Q(subject_id=text)
    return events.filter(wanted)


def recent_of(user: Any) -> Events:
    """What a person did, newest first. Of an act on many things only the act itself, neither signing in nor out."""
    own = AuditEvent.objects.filter(
        actor_label=user.get_username(), actor_kind="person", actor_id=str(user.pk)
    )
    left_out = (AuditWord.SIGN_IN, AuditWord.SIGN_OUT, AuditWord.SIGN_IN_FAILED)
    return own.exclude(origin__startswith="bulk ").exclude(event__in=left_out).order_by("-id")


def worded(text: str, events: Events) -> Events:
    """Those whose phrase is the text; where it is no whole phrase, those whose phrase contains it."""
    for word in AuditWord:
        if word.value.casefold() == text.strip().casefold():
            return events.filter(event=word.value)
    return events.filter(event__icontains=text.strip())


def since(moment: datetime, events: Events) -> Events:
    """Those recorded at the moment or later."""
    return events.filter(time__gte=moment)


def in_order(events: Events) -> Iterator[AuditEvent]:
    """All of them, oldest first, in batches: constant memory, and others may record meanwhile."""
    reached = 0
    while True:
        batch = list(events.filter(id__gt=reached).order_by("id")[:_BATCH])
        yield from batch
        if len(batch) < _BATCH:
            return
        reached = batch[-1].id


def history_rows(event: AuditEvent) -> list[Any]:
    """The rows that django-simple-history wrote with the event, and that still exist; one query each."""
    found = []
    for model in apps.get_models():
        history_id = event.history_rows.get(model._meta.model_name or "")
        history = getattr(model, "history", None)
        if history_id and history is not None:
            found += list(history.filter(pk=history_id))
    return found


def _namesakes(text: str) -> Q:
    """Whatever was called so once. A name that the thing has shed since still finds all its events."""
    called = AuditEvent.objects.filter(subject_label=text).order_by()
    pairs = called.values_list("subject_kind", "subject_id").distinct()[:_NAMESAKES]
    wanted = Q(subject_label=text)
    for kind, subject_id in pairs:
        if subject_id:
            wanted |= Q(subject_kind=kind, subject_id=subject_id)
    return wanted
