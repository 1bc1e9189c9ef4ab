"""Which processes are alive."""

from django.db import models


class Heartbeat(models.Model):
    """A process that serves, works or schedules. Alive means that it beat lately, not that it exists.

    `clock_ahead`: by how many seconds its host's clock was ahead of the database's at the last beat.
    """

    name = models.CharField(max_length=80, primary_key=True)
    kind = models.CharField(max_length=12)
    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)
    # The database knows the default, so that processes of a release without the column can go on beating.
    clock_ahead = models.FloatField(default=0.0, db_default=0.0)

    def __str__(self) -> str:
        return self.name
