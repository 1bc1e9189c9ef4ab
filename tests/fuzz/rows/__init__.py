"""One module for each row; ROWS says which there are. Their `run` is given a seed where the rig's rows get the rig."""

from tests.chaos.matrix import Row
from tests.fuzz.rows import hostile, lifecycle, zones

ROWS: dict[str, Row] = {
    row.name: row
    for row in (
        Row(
            "R30",
            "Allowed transitions only, any path",
            "state machine: verbs, edits, triggers, crashes, saves, 50 operations a life",
            first=200,
            full=2_000,
            run=lifecycle.only_allowed_transitions,
            stacks="E",
        ),
        Row(
            "R34",
            "DST as defined",
            "20 zones, 2024 to 2030, 30 expressions, minute-by-minute oracle",
            first=21,
            full=len(zones.ZONES) * len(zones.LINES),
            run=zones.due_instants,
            stacks="E",
        ),
        Row(
            "R39",
            "Hostile schedules refused or set aside",
            "31 February, 10 kB, random; one in a hundred into the loop",
            first=500,
            full=100_000,
            run=hostile.schedules,
            stacks="E",
        ),
    )
}
