"""How connections look on pages: badges, and their place in the navigation."""

from django.utils.translation import gettext_lazy as _

from config.web import badges, navigation
from config.web.badges import Badge
from workflows.models import Connection

ORDER = 50

BADGES: dict[str, Badge] = {
    "connection_unknown": Badge(_("Never tested"), "circle-dashed", "grey", "dashed"),
    "connection_ok": Badge(_("Answers"), "circle-check", "green"),
    "connection_failing": Badge(_("Failing"), "octagon-x", "red"),
    "connection_down": Badge(_("Marked as down"), "unplug", "amber", "filled"),
}


def register() -> None:
    """Called once, when the app is ready."""
    badges.register(BADGES)
    navigation.register(navigation.Destination("connections:list", _("Connections"), "plug", order=ORDER))


def badge_word(connection: Connection) -> str:
    """The word under which the badge of the connection's health is registered."""
    return f"connection_{connection.health}"
