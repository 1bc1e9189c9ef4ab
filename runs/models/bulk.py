"""An act on many things, as rows: what was asked, and what became of each."""

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.ids import new_id

LABEL_LENGTH = 200


class BulkKind(models.TextChoices):
    """What a job is about."""

    WORKFLOWS = "workflows", _("Workflows")
    RUNS = "runs", _("Runs")


class BulkState(models.TextChoices):
    """What became of one item. `left`: its turn has not come, or never will because the job was stopped.

    What already was as it should be counts as refused; its message says so.
    """

    LEFT = "left", _("Left")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


class BulkJob(models.Model):
    """One verb on many things, asked by one person and worked in the background.

    Its items are fixed when it begins. It runs until `ended_at`; `ended_how` is done or stopped. `options` is
    what the dialog asked for, as JSON.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=BulkKind.choices)
    verb = models.CharField(max_length=20)
    options = models.TextField(default="{}")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="bulk_jobs"
    )
    actor_id = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)
    total = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, db_index=True)
    ended_how = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.verb} {self.total} {self.kind}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def chosen(self) -> dict[str, Any]:
        """What the dialog asked for."""
        return json.loads(self.options)


class BulkItem(models.Model):
    """One thing of a job. State and message are written in the transaction of the act itself."""

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items", db_index=False)
    place = models.PositiveIntegerField()
    target = models.CharField(max_length=36, help_text="the workflow's or run's id")
    label = models.CharField(max_length=LABEL_LENGTH)
    state = models.CharField(max_length=10, choices=BulkState.choices, default=BulkState.LEFT)
    message = models.TextField(blank=True)
    figures = models.TextField(default="{}", help_text="what the act counted, as JSON")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["job", "place"]
        constraints = [models.UniqueConstraint(fields=["job", "place"], name="bulk_item_place")]
        indexes = [models.Index(fields=["job", "state", "place"], name="bulk_item_state")]

    def __str__(self) -> str:
        return f"{self.place} {self.label}"
