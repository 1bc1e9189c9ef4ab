"""No page and no poll goes through all runs, on the database that the tests run on."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from config.web.paging import COUNT_CAP
from tests.runs.plans.explaining import require_no_scan
from tests.runs.plans.world import World, accepted, full_world

pytestmark = [pytest.mark.stack, pytest.mark.django_db]

# Nearly every run is no test, so that the limit ends this walk after as many rows.
CAPPED = f'WHERE NOT "runs_run"."is_test" LIMIT {COUNT_CAP + 1}'
DAY = f"{timezone.now() - timedelta(days=1):%Y-%m-%d}"
LONG_AGO = f"{timezone.now() - timedelta(days=59):%Y-%m-%d}"
PAGES = [
    "/automations/runs/",
    "/automations/runs/?status=failed,held",
    "/automations/runs/?status=pending",
    "/automations/runs/?workflow=Usual",
    "/automations/runs/?scope=workspace",
    f"/automations/runs/?from={DAY}",
    f"/automations/runs/?to={LONG_AGO}",
    "/automations/workflows/",
    "/automations/workflows/?status=active&q=flow&sort=-success",
    "/automations/workflows/{usual}/",
    "/automations/workflows/{usual}/runs/",
    "/automations/workflows/{usual}/pause/",
    "/automations/workflows/{paused}/resume/",
    "/automations/runs/{run}/",
]


def look(world: World, address: str, *, poll: bool) -> None:
    run = accepted(world.usual)
    path = address.format(usual=world.usual.pk, paused=world.paused.pk, run=run.pk)
    headers = {"HX-Request": "true"} if poll else {}
    if poll:
        path += f"{'&' if '?' in path else '?'}since={run.pk}.x"
    assert world.client.get(path, headers=headers).status_code == 200


def both(world: World, pages: list[str]) -> dict[str, Callable[[], None]]:
    return {
        f"{'poll' if poll else 'page'} {address}": partial(look, world, address, poll=poll)
        for address in pages
        for poll in (False, True)
    }


def test_no_page_goes_through_all_runs() -> None:
    require_no_scan(both(full_world(), PAGES), but=CAPPED)
