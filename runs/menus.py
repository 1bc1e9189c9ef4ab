"""The three-dot menu of a workflow: what its status and the person's role allow. Causes no query."""

from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.web import policy
from config.web.menus import Menu, MenuItem
from workflows.lifecycle import TRANSITIONS, Status
from workflows.models import Workflow

EDIT: Final = "edit"

# screens.md, "Menus": the order differs by status.
_END = (EDIT, "publish", "test", "trigger", "clone", "rename", "archive")
ORDER: Final[dict[str, tuple[str, ...]]] = {
    Status.DRAFT: (EDIT, "test", "run", "clone", "rename", "archive", "delete"),
    Status.ACTIVE: ("pause", "stop", "widen", *_END),
    Status.PAUSED: ("resume", "change-pause", "stop", *_END),
    Status.NOT_RUNNING: ("run", EDIT, "publish", "test", "clone", "rename", "archive"),
    Status.ARCHIVED: ("unarchive", "clone", "delete"),
}
# The one verb that a page offers first.
PRIMARY: Final[dict[str, str]] = {
    Status.DRAFT: "run",
    Status.ACTIVE: "pause",
    Status.PAUSED: "resume",
    Status.NOT_RUNNING: "run",
    Status.ARCHIVED: "unarchive",
}


def workflow_menu(workflow: Workflow, user: Any, *, prefix: str = "menu") -> Menu:
    """The menu "Actions for <name>". `prefix` keeps ids apart where a page shows it twice.

    Verbs that status, role, a missing draft or launch forbid are absent; guards speak in the dialog.
    """
    verbs = [verb for verb in ORDER[workflow.status] if is_offered(workflow, user, verb)]
    items = [_item(workflow, verb, is_alone=len(verbs) == 1) for verb in verbs]
    return Menu(f"{prefix}-{workflow.pk}", workflow.name, items)


def primary_action(workflow: Workflow, user: Any) -> MenuItem | None:
    """Run, Pause, Resume or Unarchive, if the person may."""
    verb = PRIMARY[workflow.status]
    return _item(workflow, verb, is_alone=True) if policy.may(user, verb, workflow) else None


def is_offered(workflow: Workflow, user: Any, verb: str) -> bool:
    """Whether the menu shows a verb that its status has."""
    if verb != EDIT and TRANSITIONS[verb].needs_draft and not workflow.has_unpublished_changes:
        return False
    if verb != EDIT and TRANSITIONS[verb].needs_launch and not workflow.launch:
        return False
    if (
        verb == "trigger"
        and workflow.status == Status.PAUSED
        and not policy.may(user, "run_while_paused", workflow)
    ):
        return False
    return policy.may(user, verb, workflow)


def verb_url(workflow: Workflow, verb: str) -> str:
    """The address of a verb's dialog."""
    return reverse("workflow_verb", args=[workflow.pk, verb])


def label_of(verb: str) -> str | Promise:
    """The menu's word for a verb."""
    return _("Edit") if verb == EDIT else TRANSITIONS[verb].label


def _item(workflow: Workflow, verb: str, *, is_alone: bool) -> MenuItem:
    if verb == EDIT:
        return MenuItem(label_of(verb), reverse("workflow_edit", args=[workflow.pk]), verb=verb)
    is_final = TRANSITIONS[verb].is_final
    return MenuItem(
        label_of(verb),
        verb_url(workflow, verb),
        dialog=True,
        danger=is_final,
        separated=is_final and not is_alone,
        verb=verb,
    )
