"""Pages about workflows and their runs."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from runs.urls import workflow_pages
from runs.views.overview import workflow_overview
from runs.views.run_list import RunList
from runs.views.run_page import run_page, run_value
from runs.views.run_verbs import run_verb
from runs.views.verbs import DIALOGS, workflow_verb
from runs.views.workflow_list import WorkflowList


class WorkflowVerbConverter(StringConverter):
    """One of the verbs that have a dialog; other words below a workflow's address are its tabs."""

    regex = "|".join(sorted(DIALOGS))


class RunValueConverter(StringConverter):
    """The values of a run that can be had as files."""

    regex = "trigger|input|output"


register_converter(WorkflowVerbConverter, "workflow_verb")
register_converter(RunValueConverter, "run_value")

urlpatterns: list[URLPattern] = [
    path("workflows/", WorkflowList.as_view(), name="workflow_list"),
    *workflow_pages.urlpatterns,
    path("workflows/<int:pk>/overview/", workflow_overview, name="workflow_overview"),
    path("workflows/<int:pk>/<workflow_verb:verb>/", workflow_verb, name="workflow_verb"),
    path("runs/", RunList.as_view(), name="run_list"),
    path("runs/<uuid:pk>/", run_page, name="run_page"),
    path("runs/<uuid:pk>/values/<run_value:name>/", run_value, name="run_value"),
    path("runs/<uuid:pk>/<slug:verb>/", run_verb, name="run_verb"),
]
