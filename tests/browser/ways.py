"""The way through each verb's dialog: what it asks, says and leaves behind."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.prepared import NAME, active_with_runs, in_status, paused, paused_with_held, with_draft
from workflows.models import Workflow

ASKED = f"Are you sure you want to start {NAME}?"


@dataclass(frozen=True)
class Way:
    """`typed` fields stand in the order of the dialog; the first is where the focus goes, else Cancel.

    `shows` are sentences of the dialog, `says` the beginning of the status region's answer (a regular
    expression), `badge` the row's status afterwards, empty where the row goes or a run's page follows.
    """

    verb: str
    item: str
    heading: str
    button: str
    prepare: Callable[[], Workflow]
    says: str
    events: tuple[str, ...]
    badge: str = ""
    row: str = NAME
    query: str = ""
    typed: tuple[tuple[str, str], ...] = ()
    first: str = ""
    warns: bool = False
    shows: tuple[str, ...] = ()
    leads_to_run: bool = False


REASON = (("Reason", "CRM is being moved"),)
WAYS = [
    Way(
        "run",
        "Run",
        "Run workflow",
        "Yes, start it",
        in_status("draft"),
        f"{NAME} is Active.",
        ("Version published", "Workflow activated"),
        badge="Active",
        warns=True,
        shows=(f"{ASKED} The draft will be published and the workflow will begin running.",),
    ),
    Way(
        "run",
        "Run",
        "Run workflow",
        "Yes, start it",
        in_status("not_running"),
        f"{NAME} is Active.",
        ("Workflow activated",),
        badge="Active",
        warns=True,
        shows=(f"{ASKED} It will begin running.",),
    ),
    Way(
        "pause",
        "Pause",
        "Pause workflow",
        "Pause",
        active_with_runs,
        r"Paused at \d\d:\d\d:\d\d\.\d{3} UTC\. No run starts after this\. 2 are finishing\.",
        ("Workflow paused",),
        badge="Paused",
        typed=REASON,
        first="Reason",
        shows=("No run starts until it is resumed.", "Waiting up to 15 minutes"),
    ),
    Way(
        "change-pause",
        "Change pause…",
        "Change pause",
        "Change pause",
        paused,
        f"The pause of {NAME} is changed.",
        ("Pause changed",),
        badge="Paused",
        typed=REASON,
        first="Reason",
        shows=("Paused by maker",),
    ),
    Way(
        "resume",
        "Resume",
        "Resume workflow",
        "Resume",
        paused_with_held,
        f"{NAME} is Active again. 3 are being released.",
        ("Workflow resumed", "Release started"),
        badge="Active",
        first="Release, oldest first",
        shows=("by maker, for 2 h 0 min, since", "CRM outage", "Held triggers", "Held runs", "Skipped ticks"),
    ),
    Way(
        "stop",
        "Stop",
        "Stop workflow",
        "Stop",
        active_with_runs,
        f"{NAME} is stopped. 3 runs were cancelled. 1 run ends after its present step.",
        ("Workflow stopped",),
        badge="Not Running",
        typed=REASON,
        first="Reason",
        shows=("webhooks answer 410 Gone", "3 runs are cancelled.", "Pause instead"),
    ),
    Way(
        "archive",
        "Archive",
        "Archive workflow",
        "Archive",
        in_status("not_running"),
        f"{NAME} is archived.",
        ("Workflow archived",),
        shows=("It leaves the list and becomes read-only.",),
    ),
    Way(
        "archive",
        "Archive",
        "Archive workflow",
        "Archive",
        in_status("active"),
        f"{NAME} is stopped and archived.",
        ("Workflow stopped", "Workflow archived"),
        typed=REASON,
        first="Reason",
        shows=("It is Active, so it is stopped first, and then archived.",),
    ),
    Way(
        "unarchive",
        "Unarchive",
        "Unarchive workflow",
        "Unarchive",
        in_status("archived"),
        f"{NAME} is back as Not Running.",
        ("Workflow unarchived",),
        badge="Not Running",
        query="?status=not_running,archived",
        shows=("It comes back to the list as Not Running.",),
    ),
    Way(
        "clone",
        "Clone",
        "Clone workflow",
        "Clone",
        in_status("active"),
        "Cloned as Twin, a new Draft.",
        ("Workflow cloned", "Version created"),
        badge="Draft",
        row="Twin",
        typed=(("Name", "Twin"),),
        first="Name",
        shows=("Status, secrets, webhook addresses and history: it is a new Draft",),
    ),
    Way(
        "rename",
        "Rename",
        "Rename workflow",
        "Rename",
        in_status("active"),
        f"{NAME} is now Leads.",
        ("Workflow renamed",),
        badge="Active",
        row="Leads",
        typed=(("Name", "Leads"),),
        first="Name",
    ),
    Way(
        "delete",
        "Delete",
        "Delete workflow",
        "Delete",
        in_status("draft"),
        f"{NAME} is deleted.",
        ("Workflow deleted",),
        typed=(("Type the name to confirm", NAME),),
        first="Type the name to confirm",
        shows=("This cannot be undone.",),
    ),
    Way(
        "publish",
        "Publish changes",
        "Publish changes",
        "Publish",
        with_draft,
        "Version 2 is published.",
        ("Version published",),
        badge="Active",
        warns=True,
        shows=("New runs use version 2 at once; runs that are open keep theirs.",),
    ),
    Way(
        "trigger",
        "Trigger one run…",
        "Trigger one run",
        "Trigger one run",
        in_status("active"),
        f"The run of {NAME} is started.",
        ("Run started by hand",),
        typed=(("Payload", json.dumps({"email": "ada@example.test"})),),
        first="Payload",
        leads_to_run=True,
    ),
    Way(
        "test",
        "Test",
        "Test workflow",
        "Test",
        with_draft,
        f"The test of {NAME} is started.",
        ("Workflow tested",),
        typed=(("Payload", json.dumps({"email": "ada@example.test"})),),
        first="Payload",
        shows=("A test run of version 2.", "simulated unless you let them act"),
        leads_to_run=True,
    ),
]
IDS = [f"{way.verb}-{number}" for number, way in enumerate(WAYS)]
