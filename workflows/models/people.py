"""Who may do what where: roles by scope, for people and for tokens."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from audit.querysets import AuditedManager
from workflows.models.scope import Scope
from workflows.roles import Role


class Membership(models.Model):
    """A person's role in a scope and in everything below it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)

    history = HistoricalRecords()
    objects = AuditedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "scope"], name="one_role_per_person_and_scope")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.scope}"


class Token(models.Model):
    """A bearer token for other systems: only its SHA-256 is kept, the text is shown once."""

    name = models.CharField(max_length=80, unique=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    role = models.CharField(max_length=10, choices=Role.choices)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="tokens")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_valid(self) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())
