"""The door for writes: every verb of the table of transitions, and what edits content and names.

Each is one transaction with history and audit, and harmless when repeated.
"""

from workflows.services.acting import VerbResult, WorkflowGone
from workflows.services.cloning import clone
from workflows.services.creating import create
from workflows.services.deleting import delete
from workflows.services.describing import describe, move
from workflows.services.drafting import discard_draft, save_draft
from workflows.services.importing import Imported, import_file
from workflows.services.launching import launch_of, widen
from workflows.services.naming import rename, suggested_name
from workflows.services.pausing import UNCHANGED
from workflows.services.publishing import publish
from workflows.services.rolling_back import roll_back
from workflows.services.rotating import Rotation, rotate_trigger_secret
from workflows.services.status import (
    archive,
    change_pause,
    drained,
    pause,
    resume,
    resume_preview,
    run,
    stop,
    stop_by_system,
    unarchive,
)
from workflows.services.trigger_rows import sync_triggers
from workflows.services.versions import DraftExists, DraftInUse

__all__ = [
    "UNCHANGED",
    "DraftExists",
    "DraftInUse",
    "Imported",
    "Rotation",
    "VerbResult",
    "WorkflowGone",
    "archive",
    "change_pause",
    "clone",
    "create",
    "delete",
    "describe",
    "discard_draft",
    "drained",
    "import_file",
    "launch_of",
    "move",
    "pause",
    "publish",
    "rename",
    "resume",
    "resume_preview",
    "roll_back",
    "rotate_trigger_secret",
    "run",
    "save_draft",
    "stop",
    "stop_by_system",
    "suggested_name",
    "sync_triggers",
    "unarchive",
    "widen",
]
