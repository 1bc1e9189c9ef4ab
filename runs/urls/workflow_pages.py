"""Addresses of creating and importing, of a workflow's page with its tabs, and of the editor."""

from django.urls import URLPattern, path

from runs.views.creating import workflow_new
from runs.views.editor import workflow_edit, workflow_edit_undo, workflow_test_result
from runs.views.importing import workflow_import
from runs.views.workflow_page import (
    WorkflowRuns,
    first_day_csv,
    rotate_secret,
    stop_release,
    workflow_audit,
    workflow_diff,
    workflow_metrics,
    workflow_page,
    workflow_settings,
    workflow_versions,
)

OF_ONE = "workflows/<int:pk>"

urlpatterns: list[URLPattern] = [
    path("workflows/new/", workflow_new, name="workflow_new"),
    path("workflows/import/", workflow_import, name="workflow_import"),
    path(f"{OF_ONE}/", workflow_page, name="workflow_page"),
    path(f"{OF_ONE}/runs/", WorkflowRuns.as_view(), name="workflow_runs"),
    path(f"{OF_ONE}/versions/", workflow_versions, name="workflow_versions"),
    path(f"{OF_ONE}/versions/<int:old>..<int:new>/", workflow_diff, name="workflow_diff"),
    path(f"{OF_ONE}/metrics/", workflow_metrics, name="workflow_metrics"),
    path(f"{OF_ONE}/audit/", workflow_audit, name="workflow_audit"),
    path(f"{OF_ONE}/settings/", workflow_settings, name="workflow_settings"),
    path(f"{OF_ONE}/settings/secrets/<str:trigger_id>/", rotate_secret, name="workflow_secret"),
    path(f"{OF_ONE}/stop-release/", stop_release, name="workflow_stop_release"),
    path(f"{OF_ONE}/first-day.csv", first_day_csv, name="workflow_first_day"),
    path(f"{OF_ONE}/edit/", workflow_edit, name="workflow_edit"),
    path(f"{OF_ONE}/edit/undo/", workflow_edit_undo, name="workflow_edit_undo"),
    path(f"{OF_ONE}/edit/tests/<uuid:run_id>/", workflow_test_result, name="workflow_test_result"),
]
