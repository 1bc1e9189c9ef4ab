"""Every address that answers with a page, by a name for it, in a given world."""

from django.contrib import admin

from tests.browser.world import World

AUTOMATIONS = "/automations/"


def lists() -> dict[str, str]:
    """Lists, and pages about no one thing."""
    return {
        "workflows": f"{AUTOMATIONS}workflows/",
        "workflows-filtered": f"{AUTOMATIONS}workflows/?status=active,paused&tag=sales&failing=1",
        "workflows-archived": f"{AUTOMATIONS}workflows/?status=archived",
        "workflows-none": f"{AUTOMATIONS}workflows/?q=nothing+like+this",
        "workflows-misread": f"{AUTOMATIONS}workflows/?sort=name&colour=red",
        "new": f"{AUTOMATIONS}workflows/new/",
        "import": f"{AUTOMATIONS}workflows/import/",
        "runs": f"{AUTOMATIONS}runs/",
        "workflows-paged": f"{AUTOMATIONS}workflows/?per_page=2&page=2",
        "runs-none": f"{AUTOMATIONS}runs/?q=nothing+like+this",
        "audit": f"{AUTOMATIONS}audit/",
        "connections": f"{AUTOMATIONS}connections/",
        "connection-new": f"{AUTOMATIONS}connections/new/",
        "settings": "/settings/",
        "keyboard": "/help/keyboard/",
    }


def of_workflows(world: World) -> dict[str, str]:
    """Tabs, the editor and quick look of an Active workflow, and the pages of others."""
    active = f"{AUTOMATIONS}workflows/{world.active.pk}/"
    tabs = ("runs", "versions", "versions/1..2", "audit", "settings", "edit", "overview")
    return {
        "workflow": active,
        **{f"workflow-{tab.replace('/', '-')}": f"{active}{tab}/" for tab in tabs},
        "workflow-paused": f"{AUTOMATIONS}workflows/{world.paused.pk}/",
        "workflow-draft": f"{AUTOMATIONS}workflows/{world.broken.pk}/",
        "workflow-draft-edit": f"{AUTOMATIONS}workflows/{world.broken.pk}/edit/",
        "workflow-archived": f"{AUTOMATIONS}workflows/{world.archived.pk}/",
        "import-into": f"{AUTOMATIONS}workflows/import/?into={world.active.pk}",
    }


def of_verbs(world: World) -> dict[str, str]:
    """The dialogs as pages: what each verb asks on a workflow or run that has it."""
    subjects = {
        world.active: ("pause", "stop", "publish", "test", "trigger", "clone", "rename", "archive", "move",
                       "describe", "discard-draft", "roll-back"),
        world.paused: ("resume", "change-pause"),
        world.draft: ("run", "delete"),
        world.archived: ("unarchive",),
    }  # fmt: skip
    verbs = {
        verb: f"{AUTOMATIONS}workflows/{one.pk}/{verb}/" for one, words in subjects.items() for verb in words
    }
    of_runs = {
        "running": ("cancel", "kill"),
        "failed": ("replay",),
        "held": ("release", "discard"),
        "needs_decision": ("decide",),
    }
    runs = {
        f"run-{verb}": f"{AUTOMATIONS}runs/{world.runs[status].pk}/{verb}/"
        for status, words in of_runs.items()
        for verb in words
    }
    return {
        **verbs,
        "run-refused": f"{AUTOMATIONS}workflows/{world.broken.pk}/run/",
        **runs,
        "connection-delete": f"{AUTOMATIONS}connections/{world.connection.pk}/delete/",
        "connection-edit": f"{AUTOMATIONS}connections/{world.connection.pk}/edit/",
    }


def of_runs(world: World) -> dict[str, str]:
    """The page of one run in each status, and a step's panel."""
    pages = {f"run-{status}": f"{AUTOMATIONS}runs/{run.pk}/" for status, run in world.runs.items()}
    return {**pages, "run-step": f"{pages['run-failed']}?step=ask&attempt=1"}


def of_the_rest(world: World) -> dict[str, str]:
    return {
        "connection": f"{AUTOMATIONS}connections/{world.connection.pk}/",
        "event": f"{AUTOMATIONS}audit/{world.event.pk}/",
    }


def of_admin() -> dict[str, str]:
    """The admin's index and every list of it."""
    lists = {
        model._meta.label_lower: f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for model in admin.site._registry
    }
    return {"admin": "/admin/", **lists}


def everything(world: World) -> dict[str, str]:
    return {
        **lists(),
        **of_workflows(world),
        **of_verbs(world),
        **of_runs(world),
        **of_the_rest(world),
        **of_admin(),
    }
