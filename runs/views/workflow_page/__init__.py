"""A workflow's page and its tabs: Overview, Runs, Versions, Audit, Settings."""

from runs.views.workflow_page.overview import stop_release, workflow_page
from runs.views.workflow_page.secrets import rotate_secret
from runs.views.workflow_page.settings import workflow_settings
from runs.views.workflow_page.tabs import WorkflowRuns, workflow_audit
from runs.views.workflow_page.versions import workflow_diff, workflow_versions

__all__ = [
    "WorkflowRuns",
    "rotate_secret",
    "stop_release",
    "workflow_audit",
    "workflow_diff",
    "workflow_page",
    "workflow_settings",
    "workflow_versions",
]
