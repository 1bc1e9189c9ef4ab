"""Addresses under /settings/notifications/."""

from django.urls import path

from workflows.views import notification_acts, notifications

app_name = "notifications"
urlpatterns = [
    path("", notifications.notifications, name="list"),
    path("recipients/new/", notification_acts.add, name="add"),
    path("recipients/<int:pk>/edit/", notification_acts.edit, name="edit"),
    path("recipients/<int:pk>/remove/", notification_acts.remove, name="remove"),
    path("deliveries/<int:pk>/again/", notification_acts.again, name="again"),
]
