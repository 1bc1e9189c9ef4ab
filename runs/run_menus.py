"""The three-dot menu of a run: what its status and the person's role allow. Causes no query."""

from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.web import policy
from config.web.menus import Menu, MenuItem
from runs.models import CLOSED, OPEN, Run, RunStatus

SHORT: Final = 8


@dataclass(frozen=True)
class RunVerb:
    """One verb on a run: the word in addresses, the menu's word, and the statuses that have it."""

    verb: str
    label: str | Promise
    statuses: tuple[str, ...]
    danger: bool = False


# In the order of the menu.
RUN_VERBS: Final[dict[str, RunVerb]] = {
    verb.verb: verb
    for verb in (
        RunVerb("decide", gettext_lazy("Decide…"), (RunStatus.NEEDS_DECISION,)),
        RunVerb("release", gettext_lazy("Release"), (RunStatus.HELD,)),
        RunVerb("discard", gettext_lazy("Discard"), (RunStatus.HELD,)),
        RunVerb("replay", gettext_lazy("Replay"), CLOSED),
        RunVerb("cancel", gettext_lazy("Cancel"), OPEN),
        RunVerb("kill", gettext_lazy("Kill"), OPEN, danger=True),
    )
}


def short_id(run: Run) -> str:
    """The end of the id, which is random: its beginning is the time and alike for neighbours."""
    return run.pk.hex[-SHORT:]


def name_of(run: Run) -> str:
    """What people call a run."""
    return _("run %(id)s") % {"id": short_id(run)}


def run_menu(run: Run, user: Any, *, prefix: str = "run-menu") -> Menu:
    """The menu "Actions for run …". The run's workflow must be loaded. `prefix` keeps ids apart."""
    items = [
        MenuItem(
            verb.label,
            verb_url(run, verb.verb),
            dialog=True,
            danger=verb.danger,
            separated=verb.danger,
            verb=verb.verb,
        )
        for verb in RUN_VERBS.values()
        if is_offered(run, user, verb.verb)
    ]
    return Menu(f"{prefix}-{run.pk}", name_of(run), items)


def is_offered(run: Run, user: Any, verb: str) -> bool:
    """Whether the run's status and the person's role have the verb; guards speak in the dialog."""
    return run.status in RUN_VERBS[verb].statuses and policy.may(user, verb, run)


def verb_url(run: Run, verb: str) -> str:
    """The address of a verb's dialog."""
    return reverse("run_verb", args=[run.pk, verb])


def page_url(run: Run) -> str:
    """The run's page."""
    return reverse("run_page", args=[run.pk])
