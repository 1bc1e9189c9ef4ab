"""Every address opens cold as a whole page, and no page complains, asks another host or breaks the policy."""

import html
import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.browser import addresses
from tests.browser.world import World, make_world

pytestmark = pytest.mark.browser

FOLLOWED = re.compile(r'href="(/automations/[^"#]*|/settings/|\?[^"#]*)')


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def test_every_page_opens_cold_and_quietly(visit_as, world) -> None:
    with visit_as(world.manager) as visit:
        for name, path in addresses.everything(world).items():
            answer = visit.page.goto(visit.root + path)
            assert (name, answer.status) == (name, 200)
            assert visit.page.locator("h1").count() == 1, name
            assert visit.complaints == [], name
            if not path.startswith("/admin/"):
                expect(visit.page.get_by_role("main")).to_have_count(1)


def test_refusals_are_quiet_pages_too(visit_as, world) -> None:
    pause = f"/automations/workflows/{world.active.pk}/pause/"
    with visit_as(world.viewer) as visit:
        for path, status in ((pause, 403), ("/automations/workflows/999999/", 404), ("/nowhere/", 404)):
            assert visit.page.goto(visit.root + path).status == status
            expect(visit.page.get_by_role("heading", level=1)).to_have_count(1)
            expect(visit.page.get_by_role("link", name="Go to the start page")).to_be_visible()


def test_every_link_on_every_page_leads_to_a_page(client: Client, world) -> None:
    client.force_login(world.manager)
    waiting, seen = list(addresses.everything(world).values()), set()
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith("/admin/"):
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
