"""The editor of a draft: forms, a drawing, and text, of one working copy."""

from runs.views.editor.page import workflow_edit, workflow_edit_undo
from runs.views.editor.testing import workflow_test_result

__all__ = ["workflow_edit", "workflow_edit_undo", "workflow_test_result"]
