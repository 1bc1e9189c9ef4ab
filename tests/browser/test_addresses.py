"""Every address opens cold as a whole page, and no page complains, asks another host or breaks the policy."""

import html
import re
from collections import Counter
from urllib.parse import parse_qs

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.browser import addresses
from tests.browser.world import World, make_world

pytestmark = pytest.mark.browser

# Queries of one page combine without end: so many of the same parameters are followed, and so many of the page.
OF_A_KIND, OF_A_PAGE = 1, 12
FOLLOWED = re.compile(r'href="(/automations/[^"#]*|/settings/|\?[^"#]*)')

# WCAG 3.2.6: help stands at the same place among the tools of every page.
TOOLS = '[...document.querySelectorAll(".top-bar .tools > *")].map((one) => one.id || one.className)'


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def test_every_page_opens_cold_and_quietly(visit_as, world) -> None:
    places = {}
    with visit_as(world.manager) as visit:
        for name, path in addresses.everything(world).items():
            answer = visit.page.goto(visit.root + path)
            assert (name, answer.status) == (name, 200)
            assert visit.page.locator("h1").count() == 1, name
            assert visit.complaints == [], name
            if not path.startswith("/admin/"):
                expect(visit.page.get_by_role("main")).to_have_count(1)
                places[name] = visit.page.evaluate(TOOLS)
    assert "help" in places["workflows"]
    assert {name: tools for name, tools in places.items() if tools != places["workflows"]} == {}


def test_refusals_are_quiet_pages_too(visit_as, world) -> None:
    pause = f"/automations/workflows/{world.active.pk}/pause/"
    with visit_as(world.viewer) as visit:
        for path, status in ((pause, 403), ("/automations/workflows/999999/", 404), ("/nowhere/", 404)):
            assert visit.page.goto(visit.root + path).status == status
            expect(visit.page.get_by_role("heading", level=1)).to_have_count(1)
            expect(visit.page.get_by_role("link", name="Go to the start page")).to_be_visible()


def _is_new(path: str, followed: Counter[tuple[str, ...]]) -> bool:
    """Whether an address with a query is not yet one of many like it; it counts from now on."""
    page, _mark, query = path.partition("?")
    kind = (page, *sorted(parse_qs(query, keep_blank_values=True)))
    followed.update([kind, (page, "?")])
    return not query or (followed[kind] <= OF_A_KIND and followed[page, "?"] <= OF_A_PAGE)


def test_every_link_on_every_page_leads_to_a_page(client: Client, world) -> None:
    client.force_login(world.manager)
    waiting, seen, followed = list(addresses.everything(world).values()), set(), Counter()
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith("/admin/") or not _is_new(path, followed):
            continue
        seen.add(path)
        answer = client.get(path)
        # A held run of a paused workflow offers Release, and its dialog says why not now.
        assert (path, answer.status_code) in ((path, 200), (path, 409 if path.endswith("/release/") else 200))
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        page = answer.content.decode()
        assert (path, page.count("<main"), page.count("<h1")) == (path, 1, 1)
        links = (html.unescape(link) for link in FOLLOWED.findall(page))
        waiting += [link if link.startswith("/") else path.partition("?")[0] + link for link in links]
    assert len(seen) > 100
