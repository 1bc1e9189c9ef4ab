"""What the command palette finds: pages, workflows, verbs on them that the person may use, and recent runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, Value, When
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from config.web import navigation, policy
from config.web.badges import badge
from runs import queries as run_queries
from runs.menus import ORDER, is_offered, label_of, verb_url, workflow_menu
from runs.models import Run
from runs.run_menus import SHORT, page_url, short_id
from workflows import queries
from workflows.lifecycle import TRANSITIONS, Status
from workflows.models import Workflow
from workflows.models.workflow import name_key

Text = str | Promise
WORKFLOWS: Final = 6
WITH_VERBS: Final = 2
RUNS: Final = 5
# How many of the newest runs are searched by the end of an id.
NEWEST: Final = 2_000


@dataclass(frozen=True)
class Option:
    """One line: where it leads, and whether that is a dialog."""

    label: Text
    href: str
    icon: str
    note: Text = ""
    dialog: bool = False


@dataclass(frozen=True)
class Group:
    """Options of one kind."""

    word: str
    label: Text
    options: list[Option]


def find(user: Any, text: str) -> list[Group]:
    """The groups that have something, best first: verbs where the text begins with one; four queries at most."""
    words = text.casefold().split()
    verbs = _verbs_named(words[0]) if words else []
    acted = _acts(user, verbs, " ".join(words[1:])) if verbs else []
    found = list(_workflows(user, text)[:WORKFLOWS]) if words else []
    groups = [
        Group("verbs", _("Verbs"), acted or _acts_on(user, found)),
        Group("pages", _("Pages"), _pages(user, words)),
        Group("workflows", _("Workflows"), [_workflow(one) for one in found]),
        Group("runs", _("Recent runs"), [_run(one) for one in _runs(user, text, found)]),
    ]
    return [group for group in groups if group.options]


def _verbs_named(word: str) -> list[str]:
    offered = {verb for verbs in ORDER.values() for verb in verbs}
    return sorted(verb for verb in offered if str(label_of(verb)).casefold().startswith(word))


def _workflows(user: Any, text: str) -> Any:
    """Those in whose name the text stands come before those that have it in their tags or description."""
    key = name_key(text)
    place = Case(
        When(name_key__startswith=key, then=Value(0)),
        When(name_key__contains=key, then=Value(1)),
        default=Value(2),
    )
    return queries.searched(queries.listed(user), text).order_by(place, "name_key", "pk")


def _acts(user: Any, verbs: Iterable[str], rest: str) -> list[Option]:
    """The verbs on the workflows that the rest of the text names, where status and role have them."""
    statuses = {status for status, has in ORDER.items() if set(verbs) & set(has)}
    rows = _workflows(user, rest).filter(status__in=statuses)[:WORKFLOWS]
    return [
        _act(row, verb)
        for row in rows
        for verb in ORDER[row.status]
        if verb in verbs and is_offered(row, user, verb)
    ]


def _act(workflow: Workflow, verb: str) -> Option:
    label = _named(label_of(verb), workflow)
    if verb in TRANSITIONS:
        return Option(label, verb_url(workflow, verb), "zap", _status(workflow), dialog=True)
    return Option(label, reverse("workflow_edit", args=[workflow.pk]), "zap", _status(workflow))


def _acts_on(user: Any, found: list[Workflow]) -> list[Option]:
    """What may be done with the first workflows found."""
    return [
        Option(_named(item.label, row), item.url, "zap", _status(row), dialog=item.dialog)
        for row in found[:WITH_VERBS]
        for item in workflow_menu(row, user).items
    ]


def _named(verb: Text, workflow: Workflow) -> str:
    return _("%(verb)s %(name)s") % {"verb": str(verb).rstrip("…"), "name": workflow.name}


def _status(workflow: Workflow) -> str:
    return str(Status(workflow.status).label)


def _pages(user: Any, words: list[str]) -> list[Option]:
    pages = [Option(link.label, link.href, link.icon) for link in navigation.links("")]
    if policy.may(user, "create"):
        pages.append(Option(_("Create workflow"), reverse("workflow_new"), "plus"))
    if policy.may(user, "import"):
        pages.append(Option(_("Import workflows"), reverse("workflow_import"), "upload"))
    pages += [Option(link.label, link.href, link.icon, dialog=True) for link in navigation.own_links()]
    pages.append(Option(_("Your settings"), reverse("settings"), "settings"))
    pages.append(Option(_("Keyboard shortcuts"), reverse("keyboard"), "keyboard", dialog=True))
    return [page for page in pages if all(word in str(page.label).casefold() for word in words)]


def _workflow(workflow: Workflow) -> Option:
    href = reverse("workflow_page", args=[workflow.pk])
    return Option(workflow.name, href, badge(workflow.status).icon, _status(workflow))


def _runs(user: Any, text: str, found: list[Workflow]) -> list[Run]:
    """The newest runs; with a text those of the workflows found, or the one whose id ends so."""
    rows = run_queries.listed(user).defer("version__definition").order_by("-pk")
    if not text.strip():
        return list(rows[:RUNS])
    wanted = text.strip().casefold()
    try:
        return list(rows.filter(pk=UUID(wanted)))
    except ValueError:
        pass
    if len(wanted) >= SHORT and not set(wanted) - set("0123456789abcdef"):
        newest = run_queries.listed(user).order_by("-pk").values("pk")[:NEWEST]
        return list(rows.filter(pk__in=newest, pk__iendswith=wanted)[:RUNS])
    return list(rows.filter(workflow__in=[one.pk for one in found])[:RUNS]) if found else []


def _run(run: Run) -> Option:
    label = f"{run.workflow.name} · {short_id(run)}"
    return Option(label, page_url(run), badge(run.status).icon, run.get_status_display())
