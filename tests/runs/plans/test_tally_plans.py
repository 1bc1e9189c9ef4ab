"""No chart, list or tab goes through all figures, on the database that the tests run on."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from runs.models import Level, ScopeTally, StepTally, Tally
from runs.views.monitoring.panels import OF_ALL
from tests.runs.plans.explaining import require_no_scan
from tests.runs.plans.world import World, full_world
from workflows.models import Workflow

pytestmark = [pytest.mark.stack, pytest.mark.django_db]

TABLES = tuple(model._meta.db_table for model in (Tally, ScopeTally, StepTally))
APART = {Level.QUARTER: timedelta(hours=8), Level.HOUR: timedelta(days=4), Level.DAY: timedelta(days=8)}
MOMENTS = 50
OF_SCOPE = {
    Level.QUARTER: timedelta(hours=10),
    Level.HOUR: timedelta(hours=10),
    Level.DAY: timedelta(days=1),
    Level.MONTH: timedelta(days=1),
}
FIRST_DAY = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
"""As long ago as it takes for most figures to lie outside any window, as after some years."""


def with_figures(world: World) -> World:
    """Some years of figures at each level, for every workflow and its steps.

    PostgreSQL gets statistics of them, as it gathers them by itself; with statistics SQLite would find a way round an
    index that a condition does not fit.
    """
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    workflows = list(Workflow.objects.values_list("pk", "scope_id"))
    moments = [
        (level, start)
        for level, apart in APART.items()
        for start in [today - number * apart for number in range(MOMENTS)]
    ]
    counted = [
        {"level": level, "start": start, "workflow_id": pk, "scope_id": scope}
        for level, start in moments
        for pk, scope in workflows
    ]
    Tally.objects.bulk_create(Tally(trigger_kind="webhook", success=1, **each) for each in counted)
    StepTally.objects.bulk_create(StepTally(step_id="ask", attempts=1, **each) for each in counted)
    scope = workflows[0][1]
    ScopeTally.objects.bulk_create(
        ScopeTally(level=level, start=FIRST_DAY + number * apart, scope_id=scope, trigger_kind="webhook")
        for level, apart in OF_SCOPE.items()
        for number in range(2_000)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(TABLES)}")
    return world


def asked(world: World) -> list[str]:
    beside = f"&workflow={world.usual.pk},{world.limited.pk}"
    panels = [
        f"/automations/monitoring/{panel.key}/?range={text}{choice}"
        for panel in OF_ALL
        for text in ("24h", "1y")
        for choice in ("", beside)
    ]
    return [
        *panels,
        f"/automations/workflows/{world.usual.pk}/metrics/?range=30d",
        "/automations/workflows/?status=active&sort=-success",
        "/automations/workflows/",
    ]


def get(world: World, address: str) -> None:
    assert world.client.get(address).status_code == 200


def test_nothing_goes_through_all_figures() -> None:
    world = with_figures(full_world())
    require_no_scan({address: partial(get, world, address) for address in asked(world)}, tables=TABLES)
