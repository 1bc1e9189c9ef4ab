"""What the frame of every page needs, as a context processor."""

from typing import Any

from django.http import HttpRequest

from config.web import navigation
from config.web.preferences import THEMES, Preferences


def frame(request: HttpRequest) -> dict[str, Any]:
    """`navigation` (empty for strangers), `preferences`, `themes` and `request_id`."""
    user = getattr(request, "user", None)
    return {
        "navigation": navigation.links(request.path) if user is not None and user.is_authenticated else [],
        "preferences": getattr(request, "preferences", Preferences()),
        "themes": THEMES,
        "request_id": getattr(request, "request_id", ""),
    }
