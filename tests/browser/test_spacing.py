"""WCAG 1.4.4, 1.4.10 and 1.4.12: large text, narrow pages and wide spacing lose nothing; and polling moves nothing."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from runs.models import Run
from tests.browser import addresses, layout
from tests.browser.pages import RUNS
from tests.browser.world import World, make_world
from tests.factories import make_run, make_workflow

pytestmark = pytest.mark.browser

# The values that WCAG 1.4.12 names.
SPACED = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
  p { margin-block-end: 2em !important }`);
document.adoptedStyleSheets = [sheet];
"""
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
TWO_MINUTES = 20
# A window of 1280 px at 200 % has half of its width.
ZOOMED_TWICE = 640
SPACED_AT = (320, 1280)


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def test_nothing_is_lost_when_zoomed_twice_or_with_wide_spacing(visit_as, world) -> None:
    verbs, many = addresses.of_verbs(world), addresses.of_many(world)
    shown = {
        **addresses.lists(),
        **addresses.of_workflows(world),
        **{name: verbs[name] for name in ("pause", "resume", "run", "delete", "run-replay")},
        **{name: many[name] for name in ("bulk-open", "bulk-workflows-pause", "runs-errors", "palette")},
        "run-step": addresses.of_runs(world)["run-step"],
    }
    found = {}
    with visit_as(world.manager) as visit:
        for name, path in shown.items():
            visit.go(path)
            for width in (ZOOMED_TWICE, *SPACED_AT):
                visit.page.set_viewport_size({"width": width, "height": 800})
                if width == SPACED_AT[0]:
                    visit.page.evaluate(SPACED)
                found[f"{name} at {width} px"] = layout.faults(visit.page)
    wrong = [f"{name}: {fault}" for name, faults in found.items() for fault in faults]
    assert not wrong, "\n".join(wrong)


def test_two_minutes_of_polling_move_nothing(visit_as, manager) -> None:
    workflow = make_workflow("Leads")
    run = make_run(workflow, status="running", started_at=timezone.now())
    with visit_as(manager) as visit:
        page = visit.page
        page.clock.install()
        for path in (RUNS, f"{RUNS}{run.pk}/"):
            visit.go(path)
            expect(page.locator("h1")).to_be_visible()
            page.evaluate(SHIFTS)
            for number in range(1, TWO_MINUTES + 1):
                status = ("running", "waiting")[number % 2]
                Run.objects.filter(pk=run.pk).update(status=status, attempts=number, due_at=timezone.now())
                with page.expect_response("**since=**"):
                    page.clock.run_for(6_000)
            assert (path, page.evaluate("window.shifted") <= 0.02) == (path, True)
