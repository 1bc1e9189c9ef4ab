"""Export, and that export, import, export is identical to the byte."""

import json

import pytest

from tests.factories import make_scope, workspace
from tests.workflows.services.material import (
    document,
    imported,
)
from workflows import files, services
from workflows.models import Version, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


NASTY = document(
    "Nasty „name“ 🚂",
    description="line\nline \\u0000 é",
    tags=["ü", "b"],
    steps=[
        {
            "values": {
                "big": 123456789012345678901234567890,
                "text": "</script> \u2028 ñ",
                "n": 1.5,
                "none": None,
            },
            "kind": "set",
            "id": "greet",
        }
    ],
)


@pytest.mark.parametrize(
    "given", [document(), NASTY, document(tags=[], description=""), {**document(), "scope": "workspace"}]
)
def test_export_gives_what_was_imported(given: dict) -> None:
    workflow = services.import_file(json.dumps(given)).workflows[0]

    text = files.export_text(workflow, workflow.draft)

    assert text == json.dumps(given, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("given", [document(), NASTY])
def test_export_import_export_is_identical_to_the_byte(given: dict) -> None:
    first = services.import_file(json.dumps(given)).workflows[0]
    services.describe(first.pk, description="changed since", tags=["new", "tags"])
    services.rename(first.pk, name="Renamed since")
    first = Workflow.objects.select_related("scope").get(pk=first.pk)
    exported = files.export_text(first, first.draft)
    services.delete(first.pk, confirm="Renamed since")

    second = services.import_file(exported).workflows[0]

    assert files.export_text(second, second.draft) == exported


def test_lone_surrogates_and_nul_survive_export_and_import() -> None:
    text = json.dumps(document(steps=[{"id": "greet", "kind": "set", "values": {"odd": "\ud800 \0"}}]))
    workflow = services.import_file(text).workflows[0]

    exported = files.export_text(workflow, Version.objects.get())

    assert "\\ud800 \\u0000" in exported
    assert json.loads(exported)["steps"][0]["values"]["odd"] == "\ud800 \0"


def test_export_shows_the_fields_of_today_in_their_places() -> None:
    workflow = imported(description="old")
    make_scope("hub:sydney")
    services.rename(workflow.pk, name="New")
    services.describe(workflow.pk, description="new", tags=["t"])
    moved = services.move(workflow.pk, scope=make_scope("hub:perth")).workflow

    exported = files.export_document(moved, moved.draft)

    assert list(exported) == ["format", "name", "description", "scope", "tags", "triggers", "steps"]
    assert (exported["name"], exported["description"], exported["scope"], exported["tags"]) == (
        "New",
        "new",
        "hub:perth",
        ["t"],
    )
