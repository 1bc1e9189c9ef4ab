from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from audit import guard
from config.web import navigation


class AuditConfig(AppConfig):
    """Who did what, when and why, about anything."""

    name = "audit"
    verbose_name = _("Audit log")

    def ready(self) -> None:
        """Guard the table after migrating, and listen to what other libraries say happened."""
        from audit import outside, sign_ins  # noqa: PLC0415 - models are not loaded before ready()

        checks.register(guard.check_guard, checks.Tags.database)
        post_migrate.connect(guard.install_after_migrate, sender=self, dispatch_uid="audit.guard")
        outside.listen()
        sign_ins.listen()
        navigation.register_own(navigation.OwnPage("audit:recent", _("Recent actions"), "history"))
        navigation.register(
            navigation.Destination("audit:list", _("Audit log"), "scroll-text", order=70, key="a")
        )
