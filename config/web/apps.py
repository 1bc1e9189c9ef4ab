"""Makes the kit an app, so that Django finds its template tags."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "config.web"
    label = "web"
    verbose_name = _("Page kit")

    def ready(self) -> None:
        """Every start comes by here: one with failpoints set outside the tests is refused."""
        from config import failpoints  # noqa: F401, PLC0415 - it refuses when it is read, after the settings
