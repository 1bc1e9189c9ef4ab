"""How webhooks were answered, for Prometheus."""

from django.db import models


class AnswerCount(models.Model):
    """How many deliveries were answered with an HTTP status, by all web processes since the installation began."""

    code = models.PositiveSmallIntegerField(primary_key=True)
    answers = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.code}: {self.answers}"
