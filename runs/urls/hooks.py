"""The one address of all webhooks."""

from django.urls import re_path

from runs.intake import webhooks

app_name = "hooks"
# `show` prints an address with its /hooks/; a sender who puts that after /hooks/ once more means the same.
urlpatterns = [re_path(r"^(?:/hooks/)?(?P<address>[^/]+)$", webhooks.receive, name="receive")]
