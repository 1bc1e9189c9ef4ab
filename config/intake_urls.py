"""What other systems send comes in by these addresses, as in config/urls.py."""

from django.urls import include, path

urlpatterns = [
    path("hooks/", include("runs.urls.hooks")),
    path("health/", include("runs.urls.health")),
    path("", include("runs.urls.metrics")),
]

handler400 = "config.web.plain_errors.bad_request"
handler404 = "config.web.plain_errors.not_found"
handler500 = "config.web.plain_errors.server_error"
