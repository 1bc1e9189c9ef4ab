"""A workflow's page and its tabs: Overview, Runs, Versions, Metrics, Audit, Settings."""

from runs.views.workflow_page.metrics import workflow_metrics
from runs.views.workflow_page.overview import first_day_csv, stop_release, workflow_page
from runs.views.workflow_page.secrets import rotate_secret
from runs.views.workflow_page.settings import workflow_settings
from runs.views.workflow_page.tabs import WorkflowRuns, workflow_audit
from runs.views.workflow_page.versions import workflow_diff, workflow_versions

__all__ = [
    "WorkflowRuns",
    "first_day_csv",
    "rotate_secret",
    "stop_release",
    "workflow_audit",
    "workflow_diff",
    "workflow_metrics",
    "workflow_page",
    "workflow_settings",
    "workflow_versions",
]
