"""A workflow in the editor as forms: its address, its state, and what a form sends."""

import json

import pytest

from tests.factories import DEFINITION, make_workflow
from workflows.models import Workflow
from workflows.services import working

HOT = {
    "id": "hot",
    "kind": "decision",
    "branches": [{"name": "good", "steps": [{"id": "crm", "kind": "http_request", "connection": "crm"}]}],
    "otherwise": [],
}
GREET = {"id": "greet", "kind": "set", "values": {"text": "Hi {{ trigger.data.who }}", "n": 1.50}}
STEPS = [GREET, HOT, {"id": "end", "kind": "finish", "message": "{{ steps.greet.text }}"}]


@pytest.fixture
def leads(db):
    return make_workflow("Leads", definition={**DEFINITION, "steps": STEPS})


def page(workflow, query=""):
    return f"/automations/workflows/{workflow.pk}/edit/{query}"


def state(workflow):
    return working.working(Workflow.objects.get(pk=workflow.pk))


def steps(workflow):
    return json.loads(state(workflow).text)["steps"]


def form(workflow, part="", do="", **fields):
    part_id = part and json.loads(state(workflow).text)
    for key in part.split(".") if part else ():
        part_id = part_id[int(key) if key.isdigit() else key]
    sent = {"revision": state(workflow).token, "do": do, "part": part}
    sent |= {"part_id": part_id["id"]} if part else {}
    return sent | {f"f.{name.replace('__', '.')}": value for name, value in fields.items()}
