"""The editor of a draft as text."""

from runs.views.editor.page import workflow_edit
from runs.views.editor.testing import workflow_test_result

__all__ = ["workflow_edit", "workflow_test_result"]
