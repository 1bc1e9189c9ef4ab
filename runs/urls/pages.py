"""Pages about workflows and their runs."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from runs.views.overview import workflow_overview
from runs.views.verbs import DIALOGS, workflow_verb
from runs.views.workflow_list import WorkflowList


class WorkflowVerbConverter(StringConverter):
    """One of the verbs that have a dialog; other words below a workflow's address are its tabs."""

    regex = "|".join(sorted(DIALOGS))


register_converter(WorkflowVerbConverter, "workflow_verb")

urlpatterns: list[URLPattern] = [
    path("workflows/", WorkflowList.as_view(), name="workflow_list"),
    path("workflows/<int:pk>/overview/", workflow_overview, name="workflow_overview"),
    path("workflows/<int:pk>/<workflow_verb:verb>/", workflow_verb, name="workflow_verb"),
]
