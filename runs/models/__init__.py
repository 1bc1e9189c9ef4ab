"""The door to the models of what happens."""

from runs.models.answer_count import AnswerCount
from runs.models.attempt import AttemptStatus, RecordedValue, StepAttempt
from runs.models.bulk import BulkItem, BulkJob, BulkKind, BulkState
from runs.models.delivery import Delivery
from runs.models.finding import Finding, FindingState, Watch
from runs.models.heartbeat import Heartbeat
from runs.models.release import Release
from runs.models.report import Report, ReportKind, ReportSubscription
from runs.models.restoration import Restoration
from runs.models.retention import RetentionRules
from runs.models.run import CLOSED, DECIDED, IN_FLIGHT, OPEN, RELEASED, RETURNING, Run, RunStatus, StopWish
from runs.models.saved_view import Place, SavedView
from runs.models.schedule import Schedule, Tick
from runs.models.tally import Level, ScopeTally, StepTally, Tally, TallyBook, TallyEntry

__all__ = [
    "CLOSED",
    "DECIDED",
    "IN_FLIGHT",
    "OPEN",
    "RELEASED",
    "RETURNING",
    "AnswerCount",
    "AttemptStatus",
    "BulkItem",
    "BulkJob",
    "BulkKind",
    "BulkState",
    "Delivery",
    "Finding",
    "FindingState",
    "Heartbeat",
    "Level",
    "Place",
    "RecordedValue",
    "Release",
    "Report",
    "ReportKind",
    "ReportSubscription",
    "Restoration",
    "RetentionRules",
    "Run",
    "RunStatus",
    "SavedView",
    "Schedule",
    "ScopeTally",
    "StepAttempt",
    "StepTally",
    "StopWish",
    "Tally",
    "TallyBook",
    "TallyEntry",
    "Tick",
    "Watch",
]
