"""The databases that pages are asked on: copies of one world, each filled to its size, with a year of figures."""

import shutil
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from bench.filling import filling
from bench.page_asking import HOST, Askers, signed_in
from bench.page_world import World, make_world
from bench.seeding import seed_runs, seed_workflows
from bench.stacks import Stack
from bench.tally_seeding import seed_tallies
from runs.models import Run, ScopeTally, StepTally, Tally
from workflows.models import Workflow

# The full database once more with a tenth of its runs and all of its figures.
FEWER_RUNS = 10
IN_HUB = 100


def database(stack: Stack, workflows: int, *, fewer: bool = False) -> Path:
    return stack.data / f"pages-{workflows}{'-fewer' if fewer else ''}.sqlite3"


def use(stack: Stack, workflows: int, *, fewer: bool = False) -> None:
    """From now on ask the database with so many workflows; nothing of another one stays in memory."""
    connection.close()
    connection.settings_dict["NAME"] = str(database(stack, workflows, fewer=fewer))
    cache.clear()


def prepare(stack: Stack, sizes: list[int], runs: int) -> tuple[World, Askers]:
    """One database with the world, and a copy of it for each size; `runs` of the largest, of the others in proportion.

    Who asks is signed in before, so in every copy.
    """
    settings.ALLOWED_HOSTS = [HOST]
    call_command("migrate", interactive=False, verbosity=0)
    world = make_world()
    askers = signed_in(world.person, world.member)
    origin = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    for size in sizes:
        say(f"a database of {size:,} workflows")
        shutil.copy(origin, database(stack, size))
        use(stack, size)
        _fill(stack, world, size, runs * size // sizes[-1], is_largest=size == sizes[-1])
    return world, askers


def _fill(stack: Stack, world: World, size: int, runs: int, *, is_largest: bool) -> None:
    with filling(Tally, ScopeTally, StepTally):
        first = seed_workflows(world.template, size - 1) if size > 1 else 0
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE workflows_workflow SET scope_id = {world.hub.pk} WHERE name LIKE 'Seeded%' AND id % {IN_HUB} = 1"
            )
        hub = Workflow.objects.filter(scope=world.hub).values_list("pk", flat=True)
        seed_tallies({*hub, *(one.pk for one in world.compared)})
    if is_largest:
        shutil.copy(database(stack, size), database(stack, size, fewer=True))
        use(stack, size, fewer=True)
        _fill_runs(world, first, size, runs // FEWER_RUNS)
        use(stack, size)
    _fill_runs(world, first, size, runs)


def _fill_runs(world: World, first: int, size: int, runs: int) -> None:
    if first:
        with filling(Run):
            seed_runs(world.template, first, workflows=size - 1, runs=runs)


def say(what: str) -> None:
    """Progress, apart from the result."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr)
