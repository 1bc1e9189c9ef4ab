"""The addresses that the tests of connections and of the admin need, without those of the runs app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("config.web.urls")),
    path("automations/audit/", include("audit.urls")),
    path("automations/connections/", include("workflows.urls.connections")),
]

handler403 = "config.web.errors.forbidden"
handler404 = "config.web.errors.not_found"
