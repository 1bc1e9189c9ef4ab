"""Delivery ids: what makes sending a trigger again safe."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.models import Trigger


class Delivery(models.Model):
    """A delivery id that a trigger has seen, with the answer given. Outlives the run's row: 30 days."""

    trigger = models.ForeignKey(Trigger, on_delete=models.CASCADE, related_name="deliveries")
    delivery_id = models.CharField(max_length=200)
    run_id = models.UUIDField()
    answer_status = models.CharField(max_length=10)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["trigger", "delivery_id"], name="delivery_id_once")]

    def __str__(self) -> str:
        return self.delivery_id
