"""An external system that steps talk to."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.querysets import AuditedManager
from workflows.models.scope import Scope


class Connection(models.Model):
    """Base address and authentication. The secret is write-only and encrypted (workflows/secrets.py)."""

    class Kind(models.TextChoices):
        HTTP = "http", _("HTTP")
        CHAT = "chat", _("Chat webhook")

    class Auth(models.TextChoices):
        NONE = "none", _("None")
        BEARER = "bearer", _("Bearer token")
        BASIC = "basic", _("User and password")
        HEADER = "header", _("Own header")

    class Health(models.TextChoices):
        UNKNOWN = "unknown", _("Never tested")
        OK = "ok", _("Answers")
        FAILING = "failing", _("Failing")
        DOWN = "down", _("Marked as down")

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.HTTP)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="connections")
    base_url = models.URLField(max_length=500)
    auth = models.CharField(max_length=10, choices=Auth.choices, default=Auth.NONE)
    username = models.CharField(max_length=200, blank=True)
    header_name = models.CharField(max_length=100, blank=True)
    secret = models.TextField(blank=True, editable=False)
    secret_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.UNKNOWN)
    health_message = models.CharField(max_length=300, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    paused_for_outage = models.TextField(
        default="{}", editable=False, help_text="JSON: workflow id to the pause that marking it down made"
    )
    created_at = models.DateTimeField(default=timezone.now)
    revision = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(
        excluded_fields=["secret", "health", "health_message", "tested_at", "paused_for_outage"]
    )
    objects = AuditedManager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def needs_secret(self) -> bool:
        return self.auth != self.Auth.NONE

    @property
    def is_complete(self) -> bool:
        """Has the secret that its authentication needs."""
        return not self.needs_secret or bool(self.secret)
