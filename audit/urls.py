"""Addresses under /automations/audit/."""

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("", views.EventList.as_view(), name="list"),
    path("export/", views.export_file, name="export"),
    path("recent/", views.recent_actions, name="recent"),
    path("<int:pk>/", views.event_page, name="event"),
]
