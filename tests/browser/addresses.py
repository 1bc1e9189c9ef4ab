"""Every address that answers with a page, by a name for it, in a given world."""

from django.contrib import admin

from tests.browser.world import World

AUTOMATIONS = "/automations/"
# Lists that explain themselves where there is nothing yet.
FIRST_USE = ("workflows", "runs", "monitoring", "reports", "audit", "connections", "maintenance")


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
        "monitoring": f"{AUTOMATIONS}monitoring/",
        "monitoring-misread": f"{AUTOMATIONS}monitoring/?range=7d&colour=red",
        "audit": f"{AUTOMATIONS}audit/",
        "findings": f"{AUTOMATIONS}monitoring/findings/",
        "connections": f"{AUTOMATIONS}connections/",
        "connection-new": f"{AUTOMATIONS}connections/new/",
        "maintenance": f"{AUTOMATIONS}maintenance/",
        "maintenance-new": f"{AUTOMATIONS}maintenance/new/",
        "monitoring-year": f"{AUTOMATIONS}monitoring/?range=1y",
        "notifications": "/settings/notifications/",
        "retention": "/settings/retention/",
        "retention-change": "/settings/retention/change/",
        "reports": f"{AUTOMATIONS}reports/",
        "report-subscribe": f"{AUTOMATIONS}reports/subscriptions/new/",
        "settings": "/settings/",
        "keyboard": "/help/keyboard/",
    }


def of_workflows(world: World) -> dict[str, str]:
    """Tabs, the editor and quick look of an Active workflow, and the pages of others."""
    active = f"{AUTOMATIONS}workflows/{world.active.pk}/"
    tabs = ("runs", "versions", "versions/1..2", "metrics", "audit", "settings", "edit", "overview")
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
        "window-edit": f"{AUTOMATIONS}maintenance/{world.window.pk}/edit/",
        "window-delete": f"{AUTOMATIONS}maintenance/{world.window.pk}/delete/",
        "connection-edit": f"{AUTOMATIONS}connections/{world.connection.pk}/edit/",
    }


def of_runs(world: World) -> dict[str, str]:
    """The page of one run in each status, and a step's panel."""
    pages = {f"run-{status}": f"{AUTOMATIONS}runs/{run.pk}/" for status, run in world.runs.items()}
    step, drawing = "?step=ask&attempt=1", "?view=drawing&step=ask"
    return {
        **pages,
        "run-step": f"{pages['run-failed']}{step}",
        "run-drawing": f"{pages['run-failed']}{drawing}",
    }


def of_many(world: World) -> dict[str, str]:
    """Acts on many: each verb's question, jobs that go on and that have ended; saved views, quick look, the palette."""
    flows = ",".join(str(one.pk) for one in (world.active, world.paused, world.draft, world.archived))
    runs = ",".join(str(run.pk) for run in world.runs.values())
    verbs = {"workflows": ("run", "pause", "resume", "stop", "archive", "describe"),
             "runs": ("replay", "release", "discard", "cancel", "kill")}  # fmt: skip
    chosen = {"workflows": flows, "runs": runs}
    asked = {
        f"bulk-{kind}-{verb}": f"{AUTOMATIONS}{kind}/bulk/{verb}/?ids={chosen[kind]}"
        for kind, words in verbs.items()
        for verb in words
    }
    return {
        **asked,
        "bulk-open": f"{AUTOMATIONS}bulk/{world.jobs[0].pk}/",
        "bulk-ended": f"{AUTOMATIONS}bulk/{world.jobs[1].pk}/",
        "runs-errors": f"{AUTOMATIONS}runs/?show=errors",
        "runs-next": f"{AUTOMATIONS}runs/?show=next",
        "quick-look": f"{AUTOMATIONS}workflows/?overview={world.active.pk}",
        "view": f"{AUTOMATIONS}workflows/?status=paused&columns=strip,owner&density=compact&view={world.view.pk}",
        "view-new": f"{AUTOMATIONS}views/new/?status=paused",
        "palette": f"{AUTOMATIONS}palette/?q=invoice",
        "palette-none": f"{AUTOMATIONS}palette/?q=nothing+like+this",
        "recent": f"{AUTOMATIONS}audit/recent/",
    }


def of_the_rest(world: World) -> dict[str, str]:
    return {
        "connection": f"{AUTOMATIONS}connections/{world.connection.pk}/",
        "window": f"{AUTOMATIONS}maintenance/{world.window.pk}/",
        "finding": f"{AUTOMATIONS}monitoring/findings/{world.finding.pk}/",
        "finding-acknowledge": f"{AUTOMATIONS}monitoring/findings/{world.finding.pk}/acknowledge/",
        "report": f"{AUTOMATIONS}reports/{world.report.pk}/",
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
        **of_many(world),
        **of_the_rest(world),
        **of_admin(),
    }
