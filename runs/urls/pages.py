"""Pages about workflows and their runs."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from runs.models import BulkKind
from runs.urls import workflow_pages
from runs.views import bulk, reports, saved_views
from runs.views.found import FindingList, finding_acknowledge, finding_page
from runs.views.monitoring import monitoring, monitoring_csv, monitoring_panel
from runs.views.monitoring.panels import PANELS
from runs.views.overview import workflow_overview
from runs.views.palette import palette_page
from runs.views.run_list import RunList
from runs.views.run_page import run_page, run_value
from runs.views.run_verbs import run_verb
from runs.views.verbs import DIALOGS, workflow_verb
from runs.views.verbs.checking import connection_check
from runs.views.workflow_list import WorkflowList


class WorkflowVerbConverter(StringConverter):
    """One of the verbs that have a dialog; other words below a workflow's address are its tabs."""

    regex = "|".join(sorted(DIALOGS))


class RunValueConverter(StringConverter):
    """The values of a run that can be had as files."""

    regex = "trigger|input|output"


class PanelConverter(StringConverter):
    """One of the panels of monitoring; other words below its address are pages of their own."""

    regex = "|".join(sorted(PANELS))


class ViewActConverter(StringConverter):
    """What can be done to a saved view to undo an act."""

    regex = "save|delete|restore"


register_converter(PanelConverter, "monitoring_panel")


class ReportFormatConverter(StringConverter):
    """The files that a report can be had as."""

    regex = "csv|json"


register_converter(ReportFormatConverter, "report_format")
register_converter(ViewActConverter, "view_act")
register_converter(WorkflowVerbConverter, "workflow_verb")
register_converter(RunValueConverter, "run_value")

urlpatterns: list[URLPattern] = [
    path("workflows/", WorkflowList.as_view(), name="workflow_list"),
    *workflow_pages.urlpatterns,
    path("workflows/<int:pk>/overview/", workflow_overview, name="workflow_overview"),
    path("workflows/<int:pk>/<workflow_verb:verb>/", workflow_verb, name="workflow_verb"),
    path(
        "workflows/<int:pk>/<workflow_verb:verb>/checks/<int:connection_pk>/",
        connection_check,
        name="workflow_connection_check",
    ),
    path("workflows/bulk/export/", bulk.export_workflows, name="workflow_export"),
    path("workflows/bulk/<slug:verb>/", bulk.bulk_act, {"kind": BulkKind.WORKFLOWS}, name="workflow_bulk"),
    path("runs/bulk/export/", bulk.export_runs, name="run_export"),
    path("runs/bulk/<slug:verb>/", bulk.bulk_act, {"kind": BulkKind.RUNS}, name="run_bulk"),
    path("bulk/<uuid:pk>/", bulk.bulk_job, name="bulk_job"),
    path("bulk/<uuid:pk>/stop/", bulk.bulk_stop, name="bulk_stop"),
    path("bulk/<uuid:pk>/continue/", bulk.bulk_continue, name="bulk_continue"),
    path("monitoring/", monitoring, name="monitoring"),
    path("monitoring/<monitoring_panel:panel>/", monitoring_panel, name="monitoring_panel"),
    path("monitoring/<monitoring_panel:panel>.csv", monitoring_csv, name="monitoring_csv"),
    path("palette/", palette_page, name="palette"),
    path("views/new/", saved_views.view_new, name="view_new"),
    path("views/<int:pk>/save/", saved_views.view_save, name="view_save"),
    path("views/<int:pk>/delete/", saved_views.view_delete, name="view_delete"),
    path("views/<int:pk>/undo/<view_act:act>/", saved_views.view_undo, name="view_undo"),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/subscriptions/new/", reports.subscribe, name="report_subscribe"),
    path("reports/subscriptions/<int:pk>/stop/", reports.unsubscribe, name="report_unsubscribe"),
    path("reports/<int:pk>/", reports.report_page, name="report_page"),
    path("reports/<int:pk>/report.<report_format:format_>", reports.report_file, name="report_file"),
    path("monitoring/findings/", FindingList.as_view(), name="finding_list"),
    path("monitoring/findings/<int:pk>/", finding_page, name="finding_page"),
    path("monitoring/findings/<int:pk>/acknowledge/", finding_acknowledge, name="finding_acknowledge"),
    path("runs/", RunList.as_view(), name="run_list"),
    path("runs/<uuid:pk>/", run_page, name="run_page"),
    path("runs/<uuid:pk>/values/<run_value:name>/", run_value, name="run_value"),
    path("runs/<uuid:pk>/<slug:verb>/", run_verb, name="run_verb"),
]
