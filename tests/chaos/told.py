"""What the audit trail tells about workflows: how their statuses moved, and when their gates were closed."""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import Row, seconds


def status_events(audit: list[Row]) -> Iterator[Row]:
    for event in audit:
        if event["subject_kind"] == "workflow" and "status" in event["after"]:
            yield event


def closed_times(audit: list[Row]) -> dict[str, list[tuple[float, float]]]:
    """From each "no run starts after" to the next activation, workflow by workflow."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    since: dict[str, float] = {}
    for event in audit:
        after, subject = event["after"], event["subject_id"]
        if event["subject_kind"] != "workflow" or "status" not in after:
            continue
        if after["status"] in ("paused", "not_running") and subject not in since:
            since[subject] = seconds(after.get("paused_at") or event["time"])
        elif after["status"] == "active" and subject in since:
            found[subject].append((since.pop(subject), seconds(event["time"])))
    for subject, begin in since.items():
        found[subject].append((begin, float("inf")))
    return found
