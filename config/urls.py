"""Which app answers which address; include() lines only."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("config.web.urls")),
    path("automations/audit/", include("audit.urls")),
    path("automations/connections/", include("workflows.urls.connections")),
    path("automations/", include("runs.urls.pages")),
    path("hooks/", include("runs.urls.hooks")),
    path("api/v1/", include("runs.urls.api")),
    path("health/", include("runs.urls.health")),
]

handler400 = "config.web.errors.bad_request"
handler403 = "config.web.errors.forbidden"
handler404 = "config.web.errors.not_found"
handler500 = "config.web.errors.server_error"
