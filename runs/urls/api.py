"""The addresses of the API, version 1."""

from django.urls import path

from runs.intake import events_api

app_name = "api"
urlpatterns = [path("events", events_api.send, name="events")]
