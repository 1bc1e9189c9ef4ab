"""Pages about workflows and their runs."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
