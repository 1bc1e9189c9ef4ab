"""What a mutation answered, by its idempotency key."""

from django.db import models
from django.utils import timezone


class Receipt(models.Model):
    """A form or API call sent twice with one key acts once and gets this answer again. Kept for a day."""

    key = models.CharField(max_length=100, unique=True)
    actor = models.CharField(max_length=120)
    verb = models.CharField(max_length=40)
    answer = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.verb} {self.key}"
