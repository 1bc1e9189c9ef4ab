"""That this database was restored from a copy."""

from django.db import models


class Restoration(models.Model):
    """Nothing starts while one is not confirmed. `copied_at`: when the copy was taken, where it says so."""

    copied_at = models.DateTimeField(null=True)
    marked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"restored {self.marked_at}"
