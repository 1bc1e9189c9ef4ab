"""The addresses of the API, version 1."""

from django.urls import path

from runs.intake import events_api
from runs.views import schema

app_name = "api"
urlpatterns = [
    path("events", events_api.send, name="events"),
    path("schema/workflow.json", schema.workflow_schema, name="workflow_schema"),
    path("<path:rest>", schema.unknown),
]
