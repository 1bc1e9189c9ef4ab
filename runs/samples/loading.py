"""The sample workflows: six that tell a story, loaded only into a database that has no workflow."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from audit.services import change
from config.clock import stamp
from runs.intake import Occurrence, start
from runs.samples import endpoint
from workflows.models import Connection, Scope, Trigger, Workflow
from workflows.services import import_file, pause, run
from workflows.services.connections import change_connection, create_connection
from workflows.services.scopes import create_scope, ensure_workspace

FOLDER = Path(__file__).parent / "workflows"
CONNECTIONS = {"sample-crm": "/crm", "sample-shop": "/shop"}
STARTED = ("lead_qualification", "nightly_digest", "welcome_series", "stock_alerts", "order_sync")
DRAFTS = ("refund_approval",)
HELD = ("Oat milk", "Coffee beans", "Paper cups", "Sugar", "Lids", "Napkins", "Rye bread")


def is_wanted() -> bool:
    """Whether the database has no workflow yet, not even a deleted one."""
    return not Workflow.objects.exists()


def uses_samples() -> bool:
    """Whether the sample connections exist, so that their endpoint has to be served."""
    return Connection.objects.filter(name__in=CONNECTIONS).exists()


def known_port() -> int:
    """The port that the sample connections name; 0 where there are none."""
    known = Connection.objects.filter(name__in=CONNECTIONS).order_by("name").first()
    return urlsplit(known.base_url).port or 0 if known else 0


def connect(port: int) -> None:
    """Create the sample connections, or point existing ones at the port. Repeating it changes nothing."""
    scope = ensure_workspace()
    for name, path in CONNECTIONS.items():
        address = f"http://{endpoint.ADDRESS}:{port}{path}"
        existing = Connection.objects.filter(name=name).first()
        if existing is None:
            create_connection(name, base_url=address, scope=scope)
        elif existing.base_url != address:
            change_connection(existing.pk, base_url=address)


def load() -> None:
    """Load all six in one transaction: either the whole story or none of it."""
    with change():
        if not Scope.objects.filter(ref="hub:sydney").exists():
            create_scope("hub:sydney", name="Sydney")
        for name in (*STARTED, *DRAFTS):
            import_file((FOLDER / f"{name}.json").read_text())
        for name in STARTED:
            run(_workflow(name).pk, accept_warnings=True)


def _workflow(file_name: str) -> Workflow:
    title = file_name.replace("_", " ").capitalize()
    return Workflow.objects.get(name=title)


def hold_some() -> None:
    """Pause the stock alerts with a reason and let seven triggers arrive meanwhile."""
    stock = _workflow("stock_alerts")
    pause(
        stock.pk,
        reason="Stocktaking in the Sydney store until Friday",
        category="maintenance",
        triggers="hold",
    )
    trigger = Trigger.objects.get(workflow=stock, trigger_id="shelf")
    for number, item in enumerate(HELD):
        body: dict[str, Any] = {"event_id": f"sample-{number + 1}", "item": item, "left": number}
        start(trigger, stock.pk, Occurrence("webhook", {"body": body}, stamp(), delivery_id=body["event_id"]))
