"""A trigger's standing identity: what outlives the versions that define it."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone

from workflows.models.workflow import Workflow


def new_address() -> str:
    """An unguessable webhook address: 256 random bits."""
    return secrets.token_urlsafe(32)


class Trigger(models.Model):
    """One trigger id of one workflow, with its webhook address and secrets.

    Made when the id first stands in a definition and kept through publish, rename and import. `is_live`
    says whether the published version has it; `event` is that version's event name.
    """

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="triggers")
    trigger_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    is_live = models.BooleanField(default=False)
    event = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=64, unique=True, default=new_address)
    secret = models.TextField(blank=True, editable=False)
    previous_secret = models.TextField(blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "trigger_id"], name="trigger_id_once")]
        indexes = [
            models.Index(
                fields=["event"], condition=Q(is_live=True, kind="event"), name="live_event_triggers"
            )
        ]

    def __str__(self) -> str:
        return f"{self.workflow}: {self.trigger_id}"

    @property
    def sealed_secrets(self) -> list[str]:
        """The encrypted secrets that are valid now, newest first: the old one for 24 h after a rotation."""
        old = self.previous_until is not None and self.previous_until > timezone.now()
        return [text for text in (self.secret, self.previous_secret if old else "") if text]
