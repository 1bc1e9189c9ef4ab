"""Makes the kit an app, so that Django finds its template tags."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "config.web"
    label = "web"
    verbose_name = _("Page kit")
