"""Where a workflow applies: the workspace, a hub (a site) in it, a card (a campaign) in a hub."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

WORKSPACE = "workspace"


class ScopeQuerySet(models.QuerySet["Scope"]):
    def inside(self, scopes: "models.QuerySet[Scope] | list[Scope] | list[int]") -> "ScopeQuerySet":
        """The scopes given and all below them. The tree is three levels deep, so this is one query."""
        return self.filter(Q(pk__in=scopes) | Q(parent__in=scopes) | Q(parent__parent__in=scopes))


class Scope(models.Model):
    """A node of the tree. `ref` is its name in files, commands and addresses: workspace, hub:x, card:y."""

    class Kind(models.TextChoices):
        WORKSPACE = "workspace", _("Workspace")
        HUB = "hub", _("Hub")
        CARD = "card", _("Card")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    ref = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    objects = ScopeQuerySet.as_manager()

    class Meta:
        ordering = ["ref"]

    def __str__(self) -> str:
        return self.name

    def ancestors_and_self(self) -> list["Scope"]:
        """This scope and those above it, inmost first."""
        chain: list[Scope] = []
        node: Scope | None = self
        while node is not None:
            chain.append(node)
            node = node.parent
        return chain
