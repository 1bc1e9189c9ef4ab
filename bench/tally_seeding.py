"""A year of figures for every workflow, entered by plain SQL as if each had run all the time; the runs need not exist.

All workflows have quarter-hours and hours as far back as charts of many read them, days and months for a year; scopes, and
the workflows that are named, hours for a year too. What is older than 90 days was removed since, as retention does.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.backends.utils import CursorWrapper

from runs.models import Level
from runs.monitoring.windows import next_start, start_of, workspace_zone

YEAR = timedelta(days=372)
SPANS = {
    Level.QUARTER: timedelta(hours=25),
    Level.HOUR: timedelta(days=2),
    Level.DAY: YEAR,
    Level.MONTH: YEAR,
}
KEPT = timedelta(days=90)
DURATIONS = "'100:3,110:40,120:90,130:60,150:12'"
NUMBERS = "205 - {w} % 7 AS success, {w} % 7 AS failed, 90000 AS milliseconds"
RUN_COLUMNS = (
    "level, start, scope_id, workflow_id, version, trigger_kind, success, failed, milliseconds, cancelled, skipped, saved,"
    " durations, skipped_reasons, recorded"
)
STEP_COLUMNS = "level, start, scope_id, workflow_id, step_id, attempts, failed, milliseconds, durations"


def seed_tallies(thorough: Iterable[int]) -> None:
    """For all workflows that there are, in a database without tallies; `thorough`: those with hours for a year."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE seeded_start (level integer, start datetime, everywhere bool, gone bool)"
        )
        cursor.executemany("INSERT INTO seeded_start VALUES (%s, %s, %s, %s)", [*_starts()])
        cursor.execute("CREATE TEMP TABLE seeded_thorough (id integer PRIMARY KEY)")
        cursor.executemany("INSERT INTO seeded_thorough VALUES (%s)", [(pk,) for pk in thorough])
        for rows in (
            "seeded_start s CROSS JOIN workflows_workflow w WHERE s.everywhere",
            "seeded_start s CROSS JOIN seeded_thorough t JOIN workflows_workflow w USING (id) WHERE NOT s.everywhere",
        ):
            _fill(cursor, rows, removed="FALSE")
            _fill(cursor, f"{rows} AND s.gone", removed="TRUE")
        cursor.execute(
            "INSERT INTO runs_scopetally (level, start, scope_id, trigger_kind, success, failed, milliseconds, cancelled,"
            " skipped, saved, durations, skipped_reasons, recorded)"
            " SELECT s.level, s.start, w.scope_id, 'webhook', w.n * 202, w.n * 3, w.n * 90000, w.n, w.n * 2, 0,"
            f" {DURATIONS}, 'overlap:2', '' FROM seeded_start s"
            " CROSS JOIN (SELECT scope_id, count(*) AS n FROM workflows_workflow GROUP BY scope_id) w"
        )
        cursor.execute("DROP TABLE seeded_start")
        cursor.execute("DROP TABLE seeded_thorough")


def _fill(cursor: CursorWrapper, rows: str, *, removed: str) -> None:
    numbers = NUMBERS.format(w="w.id")
    cursor.execute(
        f"INSERT INTO runs_tally (removed, {RUN_COLUMNS}) SELECT {removed}, s.level, s.start, w.scope_id, w.id, 1, 'webhook',"
        f" {numbers}, 1, 2, 0, {DURATIONS}, 'overlap:2', '' FROM {rows}"
    )
    cursor.execute(
        f"INSERT INTO runs_steptally (removed, {STEP_COLUMNS}) SELECT {removed}, s.level, s.start, w.scope_id, w.id, 'ask', 205,"
        f" w.id % 7, 80000, {DURATIONS} FROM {rows}"
    )


def _starts() -> Iterator[tuple[int, str, bool, bool]]:
    """Level, beginning, whether every workflow has it, whether its runs are gone."""
    now, zone = datetime.now(UTC), workspace_zone()
    for level, span in SPANS.items():
        longest = YEAR if level is Level.HOUR else span
        start = start_of(now - longest, level, zone)
        while start <= now:
            moment = connection.ops.adapt_datetimefield_value(start)
            yield int(level), moment, start > now - span, start < now - KEPT
            start = next_start(start, level, zone)
