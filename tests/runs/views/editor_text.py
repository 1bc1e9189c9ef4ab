"""A workflow in the editor as text: its address, what its form sends, and the drafts that came of it."""

import json

from tests.factories import DEFINITION
from tests.runs.views.pages import HTMX
from workflows.models import Version, Workflow
from workflows.services import working

FORM = {**HTMX, "HX-Target": "editor"}


def page(workflow, tail="?mode=text"):
    return f"/automations/workflows/{workflow.pk}/edit/{tail}"


def text_with(*steps, **changes):
    return json.dumps({**DEFINITION, "name": "Leads", "steps": list(steps), **changes}, indent=2)


GREET = {"id": "greet", "kind": "set", "values": {"text": "Hi {{ trigger.data.who }}"}}


def sent(workflow, text, do="save", **changes):
    return {"text": text, "do": do, "revision": token(workflow), **changes}


def token(workflow):
    """What names the state that stands."""
    return working.working(Workflow.objects.get(pk=workflow.pk)).token


def drafts():
    return [
        json.loads(text)["steps"]
        for text in Version.objects.filter(state="draft").values_list("definition", flat=True)
    ]
