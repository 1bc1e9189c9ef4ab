"""How statuses look, and where workflows and runs stand in the navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from config.web import badges, navigation, notices
from config.web.badges import Badge
from runs import restored

# product.md, section 2, and screens.md, "Status": shape, word and colour, always all three.
BADGES: Final = {
    "active": Badge(_("Active"), "play", "green", "filled"),
    "paused": Badge(_("Paused"), "pause", "amber"),
    "draft": Badge(_("Draft"), "pencil", "grey", "dashed"),
    "not_running": Badge(_("Not Running"), "square", "grey"),
    "archived": Badge(_("Archived"), "archive", "muted"),
    "pending": Badge(_("Pending"), "clock", "grey"),
    "running": Badge(_("Running"), "half-ring", "blue", turns=True),
    "waiting": Badge(_("Waiting"), "hourglass", "blue"),
    "held": Badge(_("Held"), "hand", "amber"),
    "needs_decision": Badge(_("Needs decision"), "diamond-question", "amber"),
    "success": Badge(_("Success"), "check", "green"),
    "failed": Badge(_("Failed"), "octagon-x", "red"),
    "cancelled": Badge(_("Cancelled"), "ban", "grey"),
    "skipped": Badge(_("Skipped"), "chevrons-right", "grey", "dashed"),
    "finding_open": Badge(_("Open"), "circle-alert", "amber"),
    "finding_acknowledged": Badge(_("Acknowledged"), "eye", "grey"),
    "finding_closed": Badge(_("Closed"), "check", "grey"),
}

DESTINATIONS: Final = (
    navigation.Destination("workflow_list", _("Workflows"), "workflow", order=10, key="w"),
    navigation.Destination("run_list", _("Workflow Runs"), "list-checks", order=20, key="r"),
    navigation.Destination("monitoring", _("Monitoring"), "chart-column", order=30, key="m"),
    navigation.Destination("report_list", _("Reports"), "file-chart-column", order=40),
)


def register() -> None:
    """Fill the registers of the page kit; called once, when the app is ready."""
    badges.register(BADGES)
    for destination in DESTINATIONS:
        navigation.register(destination)
    navigation.register_palette("palette")
    notices.register(restored.notice)
