"""What a person chose about looking at pages. Kept in cookies, so it also holds on the sign-in page."""

import zoneinfo
from dataclasses import dataclass, fields, replace
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

THEMES = {"system": _("System"), "light": _("Light"), "dark": _("Dark")}
DENSITIES = {"comfortable": _("Comfortable"), "compact": _("Compact")}
YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True)
class Preferences:
    """Every field is one cookie; a value that is not allowed counts as the default.

    `zone` is an IANA name, empty for the workspace's. `updates` is "on" or "paused", `letters` "on" or "off".
    `density` is how much room the rows of lists take.
    """

    theme: str = "system"
    zone: str = ""
    updates: str = "on"
    letters: str = "on"
    density: str = "comfortable"


@cache
def zones() -> tuple[str, ...]:
    """The names of time zones one may choose."""
    return tuple(sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC"))


def allowed(field: str, value: str) -> bool:
    """True if the preference may have this value."""
    match field:
        case "theme":
            return value in THEMES
        case "zone":
            return not value or value in zones()
        case "updates":
            return value in {"on", "paused"}
        case "letters":
            return value in {"on", "off"}
        case "density":
            return value in DENSITIES
    return False


def cookie_name(field: str) -> str:
    """The cookie that holds the preference."""
    return f"signalbox_{field}"


def read(request: HttpRequest) -> Preferences:
    """The preferences that came with the request."""
    found = {field.name: request.COOKIES.get(cookie_name(field.name), "") for field in fields(Preferences)}
    return replace(
        Preferences(), **{name: value for name, value in found.items() if allowed(name, value) and value}
    )


def write(response: HttpResponse, **changes: str) -> HttpResponse:
    """Set the cookies of these preferences for a year."""
    for name, value in changes.items():
        response.set_cookie(
            cookie_name(name),
            value,
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def zone_of(preferences: Preferences) -> zoneinfo.ZoneInfo:
    """The person's zone, else the workspace's."""
    return zoneinfo.ZoneInfo(preferences.zone or settings.TIME_ZONE)
