"""Which pages are measured, with the budget of each."""

from bench.monitoring_addresses import every_monitoring, monitoring
from bench.page_asking import Asked
from bench.page_budgets import DIALOG, RUN, RUNS, WORKFLOWS, Budget
from bench.page_world import TAG, World

ROOT = "/automations/"
WORKFLOW_VERBS = {
    "active": ("pause", "stop", "publish", "test", "trigger", "clone", "rename", "archive", "move", "describe",
               "discard-draft", "roll-back"),
    "paused": ("resume", "change-pause"),
    "draft": ("run", "delete"),
    "archived": ("unarchive",),
}  # fmt: skip
RUN_VERBS = {
    "running": ("cancel", "kill"),
    "failed": ("replay",),
    "held": ("release", "discard"),
    "needs_decision": ("decide",),
}
# Pages without figures of their own in the specification: bounded by the queries of a dialog.
OTHERS = ("connections/", "maintenance/", "audit/", "workflows/new/", "workflows/import/")


def pages(world: World, *, every: bool = False) -> dict[str, tuple[Asked, Budget]]:
    """By name: the lists, plain and filtered, the long run, monitoring, and what has no more than a number of queries.

    `every`: all that monitoring can be asked, instead of what costs most.
    """
    workflows, runs = f"{ROOT}workflows/", f"{ROOT}runs/"
    busy = f"{workflows}?status=active&q=e&tag={TAG}&sort=-success"
    return {
        "workflows": (Asked(workflows), WORKFLOWS),
        "workflows, filtered": (Asked(busy), WORKFLOWS),
        "workflows, 200 rows": (Asked(f"{workflows}?tag={TAG}&per_page=500"), Budget(12)),
        "runs": (Asked(runs), RUNS),
        "runs, filtered": (Asked(f"{runs}?status=failed,held&q=500&scope=workspace"), RUNS),
        "runs, by error": (Asked(f"{runs}?show=errors"), RUNS),
        "run of 200 steps": (Asked(f"{runs}{world.long.pk}/"), RUN),
        "run of 200 steps, one open": (Asked(f"{runs}{world.long.pk}/?step=step_007"), RUN),
        **(every_monitoring(world) if every else monitoring(world)),
        **{name: (Asked(address), DIALOG) for name, address in dialogs(world).items()},
        **{path: (Asked(ROOT + path), DIALOG) for path in OTHERS},
    }


def dialogs(world: World) -> dict[str, str]:
    """Quick look and the question of each verb."""
    of_workflows = {
        f"{status}: {verb}": f"{ROOT}workflows/{getattr(world, status).pk}/{verb}/"
        for status, verbs in WORKFLOW_VERBS.items()
        for verb in (*verbs, "overview")
    }
    of_runs = {
        f"{status} run: {verb}": f"{ROOT}runs/{world.runs[status].pk}/{verb}/"
        for status, verbs in RUN_VERBS.items()
        for verb in verbs
    }
    return of_workflows | of_runs


def polled(world: World) -> dict[str, Asked]:
    """Regions that ask again, by the id of the region."""
    return {
        "workflows": Asked(f"{ROOT}workflows/", "results"),
        "runs": Asked(f"{ROOT}runs/", "results"),
        "run": Asked(f"{ROOT}runs/{world.long.pk}/", "run"),
        "head of a workflow": Asked(f"{ROOT}workflows/{world.active.pk}/", "workflow-state"),
        "overview of a workflow": Asked(f"{ROOT}workflows/{world.active.pk}/", "workflow-live"),
        "panel of monitoring": Asked(f"{ROOT}monitoring/outcomes/", "panel-outcomes"),
        "bulk job": Asked(f"{ROOT}bulk/{world.job.pk}/", "bulk-job"),
    }
