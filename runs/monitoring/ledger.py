"""What a closing transaction notes for the figures: inserts alone, so that nobody waits for anybody.

A run counts once, as it closes, in the quarter-hour of its end; test runs never count.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from runs.models import Run, RunStatus, TallyEntry
from runs.monitoring.histogram import bucket_of
from runs.monitoring.windows import quarter_of
from workflows.definition.models import Definition

FINISHED: Final = (RunStatus.SUCCESS, RunStatus.FAILED)
MILLISECOND: Final = timedelta(milliseconds=1)


class Kind(NamedTuple):
    """What entries for runs that close together have in common, in the order of the columns of TallyEntry."""

    at: datetime
    workflow: int
    scope: int
    version: int
    trigger_kind: str
    status: str
    reason: str
    bucket: int | None


def milliseconds_of(started_at: datetime | None, ended_at: datetime | None, status: str) -> int | None:
    """How long a run took; None for those that neither succeeded nor failed, or never started."""
    if started_at is None or ended_at is None or status not in FINISHED:
        return None
    return max((ended_at - started_at) // MILLISECOND, 0)


def saved_by(definition: Definition, status: str) -> int:
    """Milliseconds of people's time that a run of this definition saves when it ends so."""
    minutes = definition.settings.minutes_saved_per_run
    return round(minutes * 60_000) if minutes and status == RunStatus.SUCCESS else 0


def kind_of(run: Run) -> Kind:
    """Of a closed run."""
    assert run.ended_at is not None, "only a closed run is counted"
    took = milliseconds_of(run.started_at, run.ended_at, run.status)
    return Kind(
        at=quarter_of(run.ended_at),
        workflow=run.workflow_id,
        scope=run.scope_id,
        version=run.version_id or 0,
        trigger_kind=run.trigger_kind,
        status=run.status,
        reason=run.reason,
        bucket=None if took is None else bucket_of(took),
    )


def note(run: Run, *, saved: int = 0) -> None:
    """Count a run that this transaction closes. `saved`: milliseconds of people's time, of a success."""
    if not run.is_test:
        _entry(run, saved=saved).save(force_insert=True)


def note_all(runs: Iterable[Run]) -> None:
    """Count runs that this transaction closes and none of which succeeded; those that never started together."""
    counted = [run for run in runs if not run.is_test]
    begun = [_entry(run) for run in counted if run.started_at is not None]
    fresh = Counter(kind_of(run) for run in counted if run.started_at is None)
    TallyEntry.objects.bulk_create(begun + [entry(kind, runs=n) for kind, n in fresh.items()])


def take_back(run: Run, *, saved: int = 0) -> None:
    """Say that a run, as it stands here, is no longer counted so: its row is about to change."""
    if not run.is_test:
        _entry(run, saved=saved, sign=-1).save(force_insert=True)


def _entry(run: Run, *, saved: int = 0, sign: int = 1) -> TallyEntry:
    took = milliseconds_of(run.started_at, run.ended_at, run.status) or 0
    is_begun = run.started_at is not None
    return entry(
        kind_of(run),
        runs=sign,
        milliseconds=sign * took,
        saved=sign * saved,
        run=run.pk if is_begun else None,
    )


def entry(
    kind: Kind, *, runs: int, milliseconds: int = 0, saved: int = 0, run: UUID | None = None
) -> TallyEntry:
    """An entry that is not stored yet."""
    at, workflow, scope, version, trigger_kind, status, reason, bucket = kind
    return TallyEntry(
        at=at, workflow_id=workflow, scope_id=scope, version=version, trigger_kind=trigger_kind, status=status,
        reason=reason, bucket=bucket, runs=runs, milliseconds=milliseconds, saved=saved, run_id=run,
    )  # fmt: skip
