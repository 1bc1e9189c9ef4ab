"""Import: all or nothing, never a status; export, import, export is identical to the byte."""

import json

import pytest

from tests.factories import make_scope, workspace
from tests.workflows.services.material import (
    STEPS,
    TRIGGERS,
    document,
    events,
    events_after,
    imported,
)
from workflows import services
from workflows.files import FileRefused
from workflows.lifecycle import ValueRefused
from workflows.models import Scope, Trigger, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def places(refusal: ValueRefused) -> list[tuple[str, str]]:
    return [(finding["path"], finding["code"]) for finding in refusal.findings]


def several(*documents: dict) -> str:
    return json.dumps({"format": "signalbox/1", "workflows": list(documents)})


def test_import_makes_a_draft_with_the_fields_of_the_file() -> None:
    hub = make_scope("hub:sydney")

    done = services.import_file(
        json.dumps(document(description="Scores a lead.", scope="hub:sydney", tags=["leads"]))
    )

    workflow = Workflow.objects.get()
    assert done.changed
    assert (workflow.status, workflow.scope, workflow.description, workflow.tags) == (
        "draft",
        hub,
        "Scores a lead.",
        ["leads"],
    )
    assert events() == ["Workflow created", "Version created"]


def test_import_without_scope_goes_into_the_workspace() -> None:
    assert imported().scope == workspace()


def test_import_takes_yaml() -> None:
    done = services.import_file("format: signalbox/1\nname: From YAML\ntriggers: []\nsteps: []\n")

    assert done.workflows[0].name == "From YAML"


def test_import_makes_trigger_addresses_at_once() -> None:
    workflow = imported(triggers=TRIGGERS)

    rows = {row.trigger_id: row for row in workflow.triggers.all()}
    assert {key: row.kind for key, row in rows.items()} == {
        "form": "webhook",
        "captured": "event",
        "nightly": "schedule",
        "by_hand": "manual",
    }
    assert not any(row.is_live for row in rows.values())
    assert len({row.address for row in rows.values()}) == 4


def test_import_refuses_with_every_finding_and_its_path() -> None:
    wrong = document(colour="red", steps=[{"id": "A", "kind": "set", "values": {}}, {**STEPS[0], "odd": 1}])

    with pytest.raises(FileRefused) as refused:
        services.import_file(json.dumps(wrong))

    assert sorted(path for path, _code in places(refused.value)) == ["colour", "steps.0.id", "steps.1.odd"]
    assert not Workflow.objects.exists()
    assert events() == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", b"\xff\xfe", '{"format": "signalbox/1", "workflows": []}']
)
def test_import_refuses_what_is_no_workflow_file(text: str | bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        services.import_file(text)

    assert refused.value.code == "invalid_file"
    assert len(refused.value.findings) == 1


def test_import_refuses_an_unknown_scope() -> None:
    with pytest.raises(FileRefused) as refused:
        services.import_file(json.dumps(document(scope="hub:nowhere")))

    assert places(refused.value) == [("scope", "unknown_scope")]


def test_import_treats_a_scope_that_is_not_permitted_as_unknown() -> None:
    make_scope("hub:sydney")

    with pytest.raises(FileRefused) as refused:
        services.import_file(
            json.dumps(document(scope="hub:sydney")), permitted=lambda scope: scope.ref != "hub:sydney"
        )

    assert places(refused.value) == [("scope", "unknown_scope")]


def test_import_of_several_makes_all() -> None:
    done = services.import_file(several(document("One"), document("Two")))

    assert [workflow.name for workflow in done.workflows] == ["One", "Two"]
    assert events() == ["Workflow created", "Version created"] * 2


@pytest.mark.parametrize(
    ("second", "place"),
    [
        (document("Two", odd=1), ("workflows.1.odd", "unknown_key")),
        (document("Two", scope="hub:nowhere"), ("workflows.1.scope", "unknown_scope")),
        (document("ONE"), ("workflows.1.name", "name_taken")),
        (document("Taken"), ("workflows.1.name", "name_taken")),
    ],
)
def test_import_of_several_makes_none_when_one_is_refused(second: dict, place: tuple[str, str]) -> None:
    imported("Taken")
    before = len(events())

    with pytest.raises(FileRefused) as refused:
        services.import_file(several(document("One"), second))

    assert places(refused.value) == [place]
    assert [workflow.name for workflow in Workflow.objects.all()] == ["Taken"]
    assert Trigger.objects.count() == 2
    assert events_after(before) == []


def test_import_tells_all_taken_names_at_once() -> None:
    imported("One")
    imported("Two")

    with pytest.raises(FileRefused) as refused:
        services.import_file(several(document("One"), document("Free"), document("Two")))

    assert [path for path, _code in places(refused.value)] == ["workflows.0.name", "workflows.2.name"]


def test_import_cannot_set_a_status() -> None:
    with pytest.raises(FileRefused) as refused:
        services.import_file(json.dumps(document(status="active")))

    assert places(refused.value) == [("status", "unknown_key")]


def test_import_into_a_new_database_makes_the_workspace_first() -> None:
    Scope.objects.all().delete()

    assert imported().scope.ref == "workspace"
    assert events() == ["Scope created", "Workflow created", "Version created"]
