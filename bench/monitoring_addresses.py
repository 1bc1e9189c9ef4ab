"""What monitoring is asked: windows, with and without a scope, one workflow, five side by side; pages and single panels."""

from dataclasses import replace

from bench.page_asking import Asked
from bench.page_budgets import BESIDE, METRICS, MONITORING, PANEL, PANEL_BESIDE, Budget
from bench.page_world import World
from runs.views.monitoring.asked import RANGES
from runs.views.monitoring.panels import OF_ALL

PAGE = "/automations/monitoring/"
MAIN = ("24h", "30d", "1y")

Page = tuple[Asked, Budget]


def monitoring(world: World) -> dict[str, Page]:
    """What people open first, and what costs most."""
    chosen = choices(world)
    return {
        **{f"monitoring, {text}": page(text) for text in MAIN},
        "monitoring, 1y, a hub": page("1y", chosen["a hub"]),
        "monitoring, 1y, five workflows": page("1y", chosen["five workflows"]),
        "monitoring, 1y, as its member": as_member(world, page("1y")),
        "metrics of a workflow, 1y": metrics(world, "1y"),
    }


def every_monitoring(world: World) -> dict[str, Page]:
    """Each window, with each choice: the page, and each panel by itself."""
    found = {f"metrics of a workflow, {text}": metrics(world, text) for text in RANGES}
    for text in RANGES:
        for choice, query in choices(world).items():
            found[f"monitoring, {text}{choice and f', {choice}'}"] = page(text, query)
        found[f"monitoring, {text}, as its member"] = as_member(world, page(text))
    for text in RANGES:
        for choice, query in choices(world).items():
            for panel in OF_ALL:
                found[f"panel {panel.key}, {text}{choice and f', {choice}'}"] = single(panel.key, text, query)
    return found


def choices(world: World) -> dict[str, str]:
    return {
        "": "",
        "a hub": f"&scope={world.hub.ref}",
        "five workflows": f"&workflow={','.join(str(one.pk) for one in world.compared)}",
    }


def page(text: str, query: str = "") -> Page:
    budget = BESIDE if "workflow=" in query else MONITORING
    if text not in MAIN or query:
        budget = replace(budget, share=1 / 3)
    return Asked(f"{PAGE}?range={text}{query}"), budget


def as_member(world: World, asked: Page) -> Page:
    return replace(asked[0], by=world.member.get_username()), replace(asked[1], share=1 / 3)


def metrics(world: World, text: str) -> Page:
    address = f"/automations/workflows/{world.active.pk}/metrics/?range={text}"
    return Asked(address), replace(METRICS, share=1 / 3)


def single(panel: str, text: str, query: str) -> Page:
    """A panel as htmx asks for it."""
    address = f"{PAGE}{panel}/?range={text}{query}"
    return Asked(address, f"panel-{panel}"), PANEL_BESIDE if "workflow=" in query else PANEL
