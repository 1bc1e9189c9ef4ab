"""How notices look on pages: badges of their kinds and of their deliveries."""

from config.web import badges
from config.web.badges import Badge
from workflows.models import NoticeDelivery, NoticeKind

State, Kind = NoticeDelivery.State, NoticeKind

BADGES: dict[str, Badge] = {
    "delivery_pending": Badge(State.PENDING.label, "clock", "grey"),
    "delivery_sent": Badge(State.SENT.label, "check", "green"),
    "delivery_failed": Badge(State.FAILED.label, "octagon-x", "red"),
    "notice_paused": Badge(Kind.PAUSED.label, "pause", "amber"),
    "notice_stopped": Badge(Kind.STOPPED.label, "square", "grey"),
    "notice_stopped_by_system": Badge(Kind.STOPPED_BY_SYSTEM.label, "square", "red"),
    "notice_failure_rule": Badge(Kind.FAILURE_RULE.label, "triangle-alert", "red"),
    "notice_overdue": Badge(Kind.OVERDUE.label, "alarm-clock", "amber"),
    "notice_resumed": Badge(Kind.RESUMED.label, "play", "green"),
    "notice_finding": Badge(Kind.FINDING.label, "search-check", "amber"),
    "notice_schedule_set_aside": Badge(Kind.SCHEDULE_SET_ASIDE.label, "calendar-x", "amber"),
    "notice_report": Badge(Kind.REPORT.label, "file-chart-column", "blue"),
}


def register() -> None:
    """Called once, when the app is ready."""
    badges.register(BADGES)
