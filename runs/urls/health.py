"""Whether the service is up; no token, and nothing said inside but up or not."""

from django.urls import path

from runs.views import health

urlpatterns = [path("live", health.live, name="live"), path("ready", health.ready, name="ready")]
