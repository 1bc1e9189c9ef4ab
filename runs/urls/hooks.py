"""The one address of all webhooks."""

from django.urls import path

from runs.intake import webhooks

app_name = "hooks"
urlpatterns = [path("<str:address>", webhooks.receive, name="receive")]
