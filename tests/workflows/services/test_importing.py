"""Import: all or nothing, never a status; export, import, export is identical to the byte."""

import json

import pytest

from tests.factories import make_scope, workspace
from tests.workflows.services.material import (
    STEPS,
    TRIGGERS,
    active,
    document,
    events,
    events_after,
    imported,
    other_steps,
)
from workflows import files, services
from workflows.files import FileRefused
from workflows.lifecycle import Stale, TransitionRefused, ValueRefused
from workflows.models import Scope, Trigger, Version, Workflow
from workflows.services.acting import WorkflowGone

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


def test_import_into_an_active_workflow_makes_a_draft_and_leaves_the_status() -> None:
    workflow = active()
    before = len(events())

    done = services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk)

    workflow.refresh_from_db()
    assert done.changed
    assert (workflow.status, workflow.published.number, workflow.draft.number) == ("active", 1, 2)
    assert events_after(before) == ["Version created"]


def test_import_into_ignores_the_fields_of_the_workflow_and_says_so() -> None:
    workflow = active(tags=["leads"])
    make_scope("hub:sydney")

    done = services.import_file(
        json.dumps(document("Other", description="new", tags=["x"], scope="hub:sydney")), into=workflow.pk
    )

    workflow.refresh_from_db()
    assert [(finding.code, finding.path) for finding in done.findings] == [
        ("ignored_field", "name"),
        ("ignored_field", "description"),
        ("ignored_field", "scope"),
        ("ignored_field", "tags"),
    ]
    assert (workflow.name, workflow.description, workflow.tags, workflow.scope.ref) == (
        "Lead",
        "",
        ["leads"],
        "workspace",
    )


def test_import_into_without_differing_fields_says_nothing() -> None:
    workflow = active()

    done = services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk)

    assert done.findings == []


def test_import_into_a_workflow_with_a_draft_is_refused() -> None:
    workflow = imported()
    before = len(events())

    with pytest.raises(services.DraftExists) as refused:
        services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk)

    assert (refused.value.code, refused.value.http_status) == ("draft_exists", 409)
    assert events_after(before) == []


def test_import_into_replaces_a_draft_when_told_to() -> None:
    workflow = imported()
    before = len(events())

    services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk, replace_draft=True)

    version = Version.objects.get()
    assert (version.number, files.document_of(version)["steps"]) == (1, other_steps())
    assert events_after(before) == ["Version updated"]


def test_import_into_of_what_the_draft_says_already_does_nothing() -> None:
    workflow = imported()
    revision, before = workflow.revision, len(events())

    done = services.import_file(json.dumps(document("Another name")), into=workflow.pk)

    workflow.refresh_from_db()
    assert (done.changed, bool(done.message)) == (False, True)
    assert workflow.revision == revision
    assert events_after(before) == []


def test_import_into_of_several_is_refused() -> None:
    workflow = imported()

    with pytest.raises(ValueRefused) as refused:
        services.import_file(several(document("One"), document("Two")), into=workflow.pk, replace_draft=True)

    assert places(refused.value) == [("file", "several_workflows")]


def test_import_into_an_archived_workflow_is_refused() -> None:
    workflow = imported()
    services.archive(workflow.pk)

    with pytest.raises(TransitionRefused) as refused:
        services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk, replace_draft=True)

    assert refused.value.code == "not_possible_now"


def test_import_into_nothing_is_refused() -> None:
    with pytest.raises(WorkflowGone):
        services.import_file(json.dumps(document()), into=4711)


def test_import_into_checks_the_revision() -> None:
    workflow = active()

    with pytest.raises(Stale):
        services.import_file(json.dumps(document(steps=other_steps())), into=workflow.pk, revision=1)


def test_import_into_keeps_addresses_and_secrets_of_trigger_ids() -> None:
    workflow = imported(triggers=TRIGGERS)
    services.rotate_trigger_secret(workflow.pk, "form", value="a-secret-text")
    before = workflow.triggers.get(trigger_id="form")

    services.import_file(
        json.dumps(document(triggers=TRIGGERS, steps=other_steps())), into=workflow.pk, replace_draft=True
    )

    after = workflow.triggers.get(trigger_id="form")
    assert (after.pk, after.address, after.secret) == (before.pk, before.address, before.secret)


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


def test_import_into_a_new_database_makes_the_workspace_first() -> None:
    Scope.objects.all().delete()

    assert imported().scope.ref == "workspace"
    assert events() == ["Scope created", "Workflow created", "Version created"]
