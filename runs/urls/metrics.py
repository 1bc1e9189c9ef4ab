"""Figures for Prometheus."""

from django.urls import path

from runs.views import metrics

urlpatterns = [path("metrics", metrics.prometheus, name="prometheus")]
