"""Whether the log is whole: names the first event that was edited, deleted, inserted, swapped or rewritten."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit import anchors, chain, seals, states
from audit.models import AuditEvent, AuditHead, AuditVerification
from audit.services import locked_head
from audit.verbs import AuditWord
from config.clock import stamp

_BATCH = 1000


class ChainBroken(Exception):
    """The first thing found wrong. `event_id` is the event it concerns, None when it is none in particular."""

    def __init__(self, event_id: int | None, problem: str) -> None:
        super().__init__(problem)
        self.event_id = event_id
        self.problem = problem


@dataclass(frozen=True)
class Verification:
    """What a verification found. `events` counts the events in the table; `problem` is a sentence, "" if ok."""

    ok: bool
    events: int
    first_broken: int | None
    problem: str
    at: datetime


def verify() -> Verification:
    """Check the whole chain and keep the result. Reads in batches while others go on recording.

    Finds what was done to events and to the head, to labels, to the anchors, and statuses that changed
    without an event. Cannot find what somebody did who also holds SECRET_KEY.
    """
    first = _head().first
    result = _result()
    if not result.ok and _head().first != first:
        # Retention moved the beginning under the walk.
        result = _result()
    AuditVerification.objects.update_or_create(pk=1, defaults=vars(result))
    return result


def last() -> AuditVerification | None:
    """The kept result of the last verification."""
    return AuditVerification.objects.filter(pk=1).first()


def _result() -> Verification:
    try:
        return Verification(True, _walk(), None, "", stamp())
    except ChainBroken as broken:
        return Verification(False, AuditEvent.objects.count(), broken.event_id, broken.problem, stamp())
    except anchors.AnchorsBroken as broken:
        return Verification(False, AuditEvent.objects.count(), None, str(broken), stamp())


def _head() -> AuditHead:
    return AuditHead.objects.filter(pk=1).first() or AuditHead()


def _walk() -> int:
    head = _head()
    marks = _Marks(head)
    audited: dict[tuple[str, str], str] = {}
    expected, previous = head.first, head.first_previous_hash
    for event in _events(head.sequence):
        _check_event(event, expected, previous)
        marks.check(event)
        status = states.audited_status(event)
        if status:
            audited[event.subject_kind, event.subject_id] = status
        expected, previous = event.id + 1, event.hash
    _check_end(head, expected, previous)
    marks.check_end()
    _check_checkpoint(head)
    _check_states(audited)
    return expected - head.first


def _events(until: int) -> Iterator[AuditEvent]:
    """All events up to a number, in order; never more than a batch in memory."""
    reached: int | None = None
    while True:
        rows = AuditEvent.objects.filter(id__lte=until).order_by("id")
        batch = list(rows.filter(id__gt=reached)[:_BATCH] if reached is not None else rows[:_BATCH])
        yield from batch
        if len(batch) < _BATCH:
            return
        reached = batch[-1].id


def _check_event(event: AuditEvent, expected: int, previous: str) -> None:
    number = {"number": event.id, "expected": expected}
    if event.id < expected:
        raise ChainBroken(
            event.id, _("Event %(number)d stands before the chain's beginning at %(expected)d.") % number
        )
    if event.id > expected:
        raise ChainBroken(expected, _("Event %(expected)d is missing.") % number)
    if event.previous_hash != previous:
        raise ChainBroken(event.id, _("Event %(number)d does not follow the event before it.") % number)
    if event.hash != chain.hash_of(event, previous):
        raise ChainBroken(event.id, _("Event %(number)d was changed: its hash does not fit.") % number)
    if not seals.is_signed("event", event.hash, event.signature):
        raise ChainBroken(event.id, _("Event %(number)d was rewritten: its signature does not fit.") % number)
    for field in ("actor", "subject"):
        if not _label_fits(event, field):
            raise ChainBroken(event.id, _("Event %(number)d names somebody or something else now.") % number)


def _label_fits(event: AuditEvent, field: str) -> bool:
    label, salt, digest = (getattr(event, f"{field}_{part}") for part in ("label", "salt", "digest"))
    if chain.digest_of_label(salt, label) == digest:
        return True
    return label == seals.ERASED_LABEL and seals.is_erasure(event.id, field, digest, salt)


def _check_end(head: AuditHead, expected: int, previous: str) -> None:
    if expected <= head.sequence:
        raise ChainBroken(
            expected,
            _("The chain should end at event %(end)d, but event %(number)d and what follows are missing.")
            % {"end": head.sequence, "number": expected},
        )
    if previous != head.hash:
        raise ChainBroken(head.sequence, _("The chain's head does not fit its last event."))
    # The newest event first: one recorded in between then makes the head larger, never smaller.
    newest = AuditEvent.objects.aggregate(newest=Max("id"))["newest"] or 0
    end = _head().sequence
    if newest > end:
        raise ChainBroken(
            end + 1, _("Event %(number)d stands beyond the chain's head.") % {"number": end + 1}
        )


class _Marks:
    """The signed anchors, read alongside the chain; a fault in their file is told after those of the chain."""

    def __init__(self, head: AuditHead) -> None:
        self.anchors = anchors.read()
        self.fault: anchors.AnchorsBroken | None = None
        self.next = self._read()
        while self.next and self.next.sequence < head.first:
            self._compare(head.first - 1, head.first_previous_hash)
            self.next = self._read()

    def check(self, event: AuditEvent) -> None:
        """Raises ChainBroken when an anchor of this event says another hash."""
        while self.next and self.next.sequence <= event.id:
            self._compare(event.id, event.hash)
            self.next = self._read()

    def check_end(self) -> None:
        """Raises ChainBroken when an anchor lies beyond the chain's present end, AnchorsBroken for a forged one."""
        while self.next:
            end = _head().sequence
            if self.next.sequence > end:
                raise ChainBroken(
                    end + 1,
                    _(
                        "The chain ends at event %(end)d; its anchor of %(at)s says that it reached %(reached)d."
                    )
                    % {"end": end, "at": self.next.at, "reached": self.next.sequence},
                )
            self.next = self._read()
        if self.fault:
            raise self.fault

    def _read(self) -> anchors.Anchor | None:
        try:
            return next(self.anchors, None)
        except anchors.AnchorsBroken as fault:
            self.fault = fault
            return None

    def _compare(self, event_id: int, event_hash: str) -> None:
        if self.next and self.next.sequence == event_id and self.next.hash != event_hash:
            raise ChainBroken(
                event_id,
                _("Event %(number)d is not the one anchored at %(at)s.")
                % {"number": event_id, "at": self.next.at},
            )


def _check_checkpoint(head: AuditHead) -> None:
    if head.first == 1:
        return
    said = chain.canonical({"first": head.first, "first_previous_hash": head.first_previous_hash})
    seals_given = (
        event.after_values.get("seal", "")
        for event in AuditEvent.objects.filter(event=AuditWord.RETENTION_APPLIED).order_by("-id").iterator()
    )
    if not any(seals.is_signed("checkpoint", said, str(seal)) for seal in seals_given):
        raise ChainBroken(
            head.first,
            _("The chain begins at event %(number)d, but no retention was recorded there.")
            % {"number": head.first},
        )


def _check_states(audited: dict[tuple[str, str], str]) -> None:
    """Compares statuses; what seems wrong is looked at again while nobody can record."""
    suspects = [
        state
        for state in states.present()
        if audited.get((state.subject_kind, state.subject_id), state.status) != state.status
    ]
    if not suspects:
        return
    keys = {(suspect.subject_kind, suspect.subject_id) for suspect in suspects}
    with transaction.atomic():
        locked_head()
        for state in states.present():
            if (state.subject_kind, state.subject_id) in keys:
                _check_state(state)


def _check_state(state: states.PresentState) -> None:
    said = states.last_audited(state.subject_kind, state.subject_id)
    if said and said[1] != state.status:
        raise ChainBroken(
            said[0],
            _("%(kind)s %(id)s is %(status)s, but the last event about it, %(number)d, says %(said)s.")
            % {
                "kind": state.subject_kind, "id": state.subject_id, "status": state.status,
                "number": said[0], "said": said[1],
            },
        )  # fmt: skip
