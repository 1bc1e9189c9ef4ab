"""Which app answers which address; include() lines only."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("config.intake_urls")),
    path("admin/", admin.site.urls),
    path("", include("config.web.urls")),
    path("settings/notifications/", include("workflows.urls.notifications")),
    path("settings/retention/", include("runs.urls.retention")),
    path("automations/audit/", include("audit.urls")),
    path("automations/connections/", include("workflows.urls.connections")),
    path("automations/maintenance/", include("workflows.urls.maintenance")),
    path("automations/", include("runs.urls.pages")),
    path("api/v1/", include("runs.urls.api")),
]

handler400 = "config.web.errors.bad_request"
handler403 = "config.web.errors.forbidden"
handler404 = "config.web.errors.not_found"
handler500 = "config.web.errors.server_error"
