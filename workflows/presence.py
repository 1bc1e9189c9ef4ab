"""Present statuses, told to the audit log: `audit verify` compares them with the last audited ones."""

from collections.abc import Iterator

from audit.states import PresentState
from workflows.models import Workflow


def present_states() -> Iterator[PresentState]:
    """The status of every workflow that stands."""
    rows = Workflow.objects.standing().order_by("pk").values_list("pk", "status")
    for pk, status in rows.iterator(chunk_size=2_000):
        yield PresentState("workflow", str(pk), status)
