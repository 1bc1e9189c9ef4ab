"""Which processes are alive."""

from django.db import models


class Heartbeat(models.Model):
    """A process that serves, works or schedules. Alive means that it beat lately, not that it exists."""

    name = models.CharField(max_length=80, primary_key=True)
    kind = models.CharField(max_length=12)
    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name
