"""Addresses under /automations/maintenance/."""

from django.urls import path

from workflows.views import maintenance, maintenance_acts

app_name = "maintenance"
urlpatterns = [
    path("", maintenance.window_list, name="list"),
    path("new/", maintenance_acts.create, name="create"),
    path("<int:pk>/", maintenance.detail, name="detail"),
    path("<int:pk>/edit/", maintenance_acts.edit, name="edit"),
    path("<int:pk>/end/", maintenance_acts.end, name="end"),
    path("<int:pk>/delete/", maintenance_acts.delete, name="delete"),
]
