"""Addresses under /settings/retention/."""

from django.urls import path

from runs.views import retention

app_name = "retention"
urlpatterns = [
    path("", retention.retention, name="page"),
    path("change/", retention.change, name="change"),
]
