"""The one table of what may be done with a workflow: menus, dialogs, services, commands, API and tests read it.

Status is operational. Only the verbs below change it; nobody else assigns `status`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.verbs import AuditWord
from workflows.roles import Role


class Status(models.TextChoices):
    """Where a workflow stands."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    NOT_RUNNING = "not_running", _("Not Running")
    ARCHIVED = "archived", _("Archived")


class Cause(models.TextChoices):
    """Why a workflow is Not Running."""

    PERSON = "person", _("stopped by a person")
    CONFIGURATION = "configuration", _("configuration issue found")
    DEPENDENCY = "dependency", _("dependency unavailable")
    RESOURCE_LIMIT = "resource_limit", _("resource limit")


DRAFT, ACTIVE, PAUSED, NOT_RUNNING, ARCHIVED = Status
ANY = frozenset(Status)
PUBLISHABLE = frozenset({ACTIVE, PAUSED, NOT_RUNNING})


@dataclass(frozen=True)
class Transition:
    """One verb. `target` is the status afterwards, None when the verb leaves it as it is.

    `verb` is also the word in addresses and commands. `settled` are the statuses in which the target
    already holds, so that the verb answers "nothing to do". `effect` names what runs must do in the same
    transaction (workflows/effects.py). `needs_draft`: the menu offers it only while a draft stands beside a
    published version. What a verb checks beyond its sources is said by its service (workflows/services/).
    """

    verb: str
    label: str | Promise
    sources: frozenset[Status]
    target: Status | None
    role: Role
    word: AuditWord | None
    settled: frozenset[Status] = frozenset()
    effect: str = ""
    button: str | Promise = ""
    needs_draft: bool = False
    needs_launch: bool = False
    is_final: bool = False
    in_menu: bool = True


def _table(*transitions: Transition) -> dict[str, Transition]:
    return {transition.verb: transition for transition in transitions}


def _of(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


OPERATOR, EDITOR, MANAGER = Role.OPERATOR, Role.EDITOR, Role.MANAGER
W = AuditWord

# In the order of the menus (screens.md, "Menus").
TRANSITIONS: dict[str, Transition] = _table(
    Transition("run", _("Run"), _of(DRAFT, NOT_RUNNING), ACTIVE, OPERATOR, W.WORKFLOW_ACTIVATED, _of(ACTIVE),
               "activated", _("Yes, start it")),
    Transition("pause", _("Pause"), _of(ACTIVE), PAUSED, OPERATOR, W.WORKFLOW_PAUSED, _of(PAUSED), "paused"),
    Transition("resume", _("Resume"), _of(PAUSED), ACTIVE, OPERATOR, W.WORKFLOW_RESUMED, _of(ACTIVE),
               "resumed"),
    Transition("change-pause", _("Change pause…"), _of(PAUSED), None, OPERATOR, W.PAUSE_CHANGED, button=_("Change pause")),
    Transition("stop", _("Stop"), _of(ACTIVE, PAUSED), NOT_RUNNING, OPERATOR, W.WORKFLOW_STOPPED, _of(NOT_RUNNING),
               "stopped"),
    Transition("widen", _("Widen launch…"), _of(ACTIVE), None, OPERATOR, W.LAUNCH_WIDENED, effect="widened",
               button=_("Widen"), needs_launch=True),
    Transition("publish", _("Publish changes"), PUBLISHABLE, None, EDITOR, W.VERSION_PUBLISHED,
               effect="published", needs_draft=True),
    Transition("discard-draft", _("Discard draft"), PUBLISHABLE, None, EDITOR, W.VERSION_DELETED, needs_draft=True,
               in_menu=False),
    Transition("roll-back", _("Roll back"), PUBLISHABLE, None, EDITOR, W.VERSION_CREATED, effect="published",
               in_menu=False),
    Transition("test", _("Test"), ANY - {ARCHIVED}, None, OPERATOR, W.WORKFLOW_TESTED),
    Transition("trigger", _("Trigger one run…"), _of(ACTIVE, PAUSED), None, OPERATOR, W.RUN_STARTED_BY_HAND,
               button=_("Trigger one run")),
    Transition("clone", _("Clone"), ANY, None, EDITOR, W.WORKFLOW_CLONED),
    Transition("rename", _("Rename"), ANY - {ARCHIVED}, None, EDITOR, W.WORKFLOW_RENAMED),
    Transition("describe", _("Describe"), ANY - {ARCHIVED}, None, EDITOR, W.WORKFLOW_DESCRIBED, in_menu=False),
    Transition("move", _("Move"), ANY - {ARCHIVED}, None, EDITOR, W.WORKFLOW_MOVED, in_menu=False),
    Transition("archive", _("Archive"), _of(DRAFT, NOT_RUNNING), ARCHIVED, MANAGER, W.WORKFLOW_ARCHIVED, _of(ARCHIVED)),
    Transition("unarchive", _("Unarchive"), _of(ARCHIVED), NOT_RUNNING, MANAGER, W.WORKFLOW_UNARCHIVED,
               _of(NOT_RUNNING, DRAFT)),
    Transition("delete", _("Delete"), _of(DRAFT, ARCHIVED), None, MANAGER, W.WORKFLOW_DELETED, effect="deleted",
               is_final=True),
)  # fmt: skip

# What the system may bring about beside the verbs (product.md, section 2).
_SYSTEM_WAYS = {(ACTIVE, NOT_RUNNING), (ACTIVE, PAUSED), (PAUSED, ACTIVE), (ARCHIVED, DRAFT)}

STATUS_WAYS: frozenset[tuple[str, str]] = frozenset(
    {(s.value, t.target.value) for t in TRANSITIONS.values() if t.target for s in t.sources}
    | {(source.value, target.value) for source, target in _SYSTEM_WAYS}
)


class Refusal(Exception):
    """A verb was refused; nothing changed. `findings` say what and how to mend it, each a plain dict."""

    code = "refused"
    http_status = 409

    def __init__(self, message: str, findings: Iterable[dict[str, str]] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.findings = list(findings)


class Gone(Exception):
    """What a verb names is not there (any more). No refusal, though commands and the API tell it like one."""

    code = "not_found"
    http_status = 404
    findings: tuple[dict[str, str], ...] = ()

    @property
    def message(self) -> str:
        """The sentence for people."""
        return str(self)


class TransitionRefused(Refusal):
    """The verb does not start from the present status."""

    code = "not_possible_now"


class GuardRefused(Refusal):
    """The checks found errors, or warnings that nobody accepted."""

    code = "checks_failed"


class Stale(Refusal):
    """The workflow changed since the caller saw it; the findings say who changed what and when."""

    code = "stale_revision"


class ValueRefused(Refusal):
    """A given value is not acceptable: one finding per field."""

    code = "invalid_value"
    http_status = 422


def offered(status: str) -> list[Transition]:
    """The transitions that start from a status, in the order of the menus."""
    return [transition for transition in TRANSITIONS.values() if status in transition.sources]
