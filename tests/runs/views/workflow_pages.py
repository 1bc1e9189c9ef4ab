"""The page of a workflow: its address, and that of its tabs."""


def page(workflow, tail=""):
    return f"/automations/workflows/{workflow.pk}/{tail}"
