"""How maintenance windows look on pages: badges, and their place in the navigation."""

from django.utils.translation import gettext_lazy as _

from config.web import badges, navigation
from config.web.badges import Badge
from workflows.models import MaintenanceWindow, WindowPause

ORDER = 60
State, Outcome = MaintenanceWindow.State, WindowPause.Outcome

BADGES: dict[str, Badge] = {
    "maintenance_upcoming": Badge(State.UPCOMING.label, "calendar-clock", "blue", "dashed"),
    "maintenance_current": Badge(State.CURRENT.label, "wrench", "amber", "filled"),
    "maintenance_over": Badge(State.OVER.label, "circle-check", "grey"),
    "maintenance_ended_early": Badge(State.ENDED_EARLY.label, "square", "grey"),
    "window_paused": Badge(Outcome.PAUSED.label, "pause", "amber"),
    "window_resumed": Badge(Outcome.RESUMED.label, "play", "green"),
    "window_stays": Badge(Outcome.STAYS.label, "triangle-alert", "amber", "filled"),
    "window_handed_on": Badge(Outcome.HANDED_ON.label, "arrow-right", "grey"),
    "window_left": Badge(Outcome.LEFT.label, "hand", "grey", "dashed"),
}


def register() -> None:
    """Called once, when the app is ready."""
    badges.register(BADGES)
    navigation.register(navigation.Destination("maintenance:list", _("Maintenance"), "wrench", order=ORDER))
