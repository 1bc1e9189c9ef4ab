"""What an editor has typed and not saved yet."""

from django.db import models

from workflows.models.workflow import Workflow


class WorkingCopy(models.Model):
    """The one working copy of a workflow's draft, neither versioned nor audited; saving makes it the draft.

    `text` is empty while nothing is unsaved; it need not be a workflow file. `revision` only grows. `base_hash` is
    the content of the version that was changed. `before` is the text before the last act that Undo takes back.
    """

    workflow = models.OneToOneField(Workflow, on_delete=models.CASCADE, related_name="working_copy")
    text = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    base_hash = models.CharField(max_length=64, blank=True)
    before = models.TextField(blank=True)
    sample = models.TextField(blank=True, help_text="the payload of tests")
    note = models.CharField(max_length=200, blank=True)
    author = models.CharField(max_length=200, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.workflow} r{self.revision}"
