"""What the frame of every page needs, as a context processor."""

from typing import Any

from django.http import HttpRequest

from config.web import navigation, notices
from config.web.preferences import THEMES, Preferences


def frame(request: HttpRequest) -> dict[str, Any]:
    """`navigation`, `own_links`, `palette` (its address) and `notices` (empty for strangers), `preferences`, `themes` and `request_id`."""
    user = getattr(request, "user", None)
    is_known = user is not None and user.is_authenticated
    return {
        "navigation": navigation.links(request.path) if is_known else [],
        "own_links": navigation.own_links() if is_known else [],
        "palette": navigation.palette() if is_known else "",
        "notices": notices.standing() if is_known else [],
        "preferences": getattr(request, "preferences", Preferences()),
        "themes": THEMES,
        "request_id": getattr(request, "request_id", ""),
    }
