"""The four roles, each including the ones before it (product.md, section 8)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody may do in a scope and below it."""

    VIEWER = "viewer", _("Viewer")
    OPERATOR = "operator", _("Operator")
    EDITOR = "editor", _("Editor")
    MANAGER = "manager", _("Manager")

    @property
    def rank(self) -> int:
        """Higher may more."""
        return list(Role).index(self)

    def covers(self, needed: "Role") -> bool:
        """Whether this role may do what `needed` is asked for."""
        return self.rank >= needed.rank
