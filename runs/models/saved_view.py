"""A list as somebody likes to see it, under a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workflows.models import Scope

VIEW_NAME_LENGTH = 40


class Place(models.TextChoices):
    """The list that a view shows."""

    WORKFLOWS = "workflows", _("Workflows")
    RUNS = "runs", _("Workflow Runs")


class SavedView(models.Model):
    """A named query string of a list, with columns and density.

    Without scope it is private to its owner; with one it is shared with everybody who sees that scope. `columns`
    and `density` are empty where the list's own are meant. A deleted one stays for a while, so that Undo can
    bring it back.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    scope = models.ForeignKey(
        Scope, null=True, blank=True, on_delete=models.CASCADE, related_name="saved_views"
    )
    place = models.CharField(
        max_length=10, choices=Place.choices, default=Place.WORKFLOWS, db_default=Place.WORKFLOWS.value
    )
    name = models.CharField(max_length=VIEW_NAME_LENGTH)
    query = models.TextField(blank=True)
    columns = models.CharField(max_length=200, blank=True)
    density = models.CharField(max_length=12, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "place", "name"],
                condition=Q(deleted_at=None),
                name="one_view_of_a_name_and_owner",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        return self.scope_id is not None
