"""Addresses under /automations/connections/."""

from django.urls import path

from workflows.views import connection_acts, connections

app_name = "connections"
urlpatterns = [
    path("", connections.ConnectionList.as_view(), name="list"),
    path("new/", connection_acts.create, name="create"),
    path("<int:pk>/", connections.detail, name="detail"),
    path("<int:pk>/edit/", connection_acts.edit, name="edit"),
    path("<int:pk>/secret/", connection_acts.secret, name="secret"),
    path("<int:pk>/test/", connections.test, name="test"),
    path("<int:pk>/mark-down/", connection_acts.down, name="mark-down"),
    path("<int:pk>/mark-up/", connection_acts.up, name="mark-up"),
    path("<int:pk>/delete/", connection_acts.delete, name="delete"),
]
