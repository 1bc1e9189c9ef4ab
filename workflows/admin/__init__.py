"""The admin for support staff: everything can be found; what may be changed goes through the services."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from workflows.admin import connections, maintenance, notices, people, scopes, tokens, workflows

admin.site.site_header = admin.site.site_title = _("Signalbox support")

__all__ = ["connections", "maintenance", "notices", "people", "scopes", "tokens", "workflows"]
