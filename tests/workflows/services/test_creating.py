"""Creating workflows."""

import pytest

from audit.context import Actor, acting
from audit.models import AuditEvent
from tests.factories import make_scope, make_user, workspace
from tests.workflows.services.material import document, events
from workflows import files, services
from workflows.lifecycle import ValueRefused
from workflows.models import Scope, Version, Workflow

pytestmark = [pytest.mark.django_db, pytest.mark.stack]


def codes(refusal: ValueRefused) -> list[tuple[str, str]]:
    return [(finding["path"], finding["code"]) for finding in refusal.findings]


def test_create_makes_a_draft_with_version_one() -> None:
    made = services.create(
        name="  Lead qualification ", scope=workspace(), description=" x ", tags=["a", "a"]
    )

    workflow = Workflow.objects.get()
    assert made.changed
    assert (workflow.name, workflow.status, workflow.description, workflow.tags) == (
        "Lead qualification",
        "draft",
        "x",
        ["a"],
    )
    assert (workflow.draft.number, workflow.draft.state, workflow.published) == (1, "draft", None)


def test_create_leaves_two_events_that_tell_the_facts() -> None:
    made = services.create(name="Lead", scope=workspace())

    created, version = AuditEvent.objects.order_by("id")
    assert events() == ["Workflow created", "Version created"]
    assert created.subject_id == str(made.workflow.pk)
    assert '"name":"Lead"' in created.after
    assert '"draft_version":1' in version.after
    assert '"draft_version":null' in version.before


def test_create_links_the_history_rows() -> None:
    made = services.create(name="Lead", scope=workspace())

    version = AuditEvent.objects.get(event="Version created")
    row = made.workflow.draft.history.get()
    assert f'"version":{row.history_id}' in version.history


def test_create_takes_triggers_steps_and_settings_of_a_document() -> None:
    made = services.create(name="Mine", scope=workspace(), document=document("Sample"))

    stored = files.document_of(made.workflow.draft)
    assert stored["name"] == "Mine"
    assert stored["steps"] == document()["steps"]


def test_create_belongs_to_the_person_who_acts() -> None:
    person = make_user()

    with acting(Actor("person", str(person.pk), person.get_username()), origin="page"):
        made = services.create(name="Lead", scope=workspace())

    assert made.workflow.owner == person
    assert made.workflow.draft.author == person.get_username()


def test_create_by_a_command_belongs_to_nobody() -> None:
    assert services.create(name="Lead", scope=workspace()).workflow.owner is None


def test_create_tells_every_wrong_field_and_writes_nothing() -> None:
    with pytest.raises(ValueRefused) as refused:
        services.create(name="x" * 51, scope=workspace(), description="x" * 5001, tags=["t" * 41])

    assert codes(refused.value) == [
        ("name", "name_too_long"),
        ("description", "description_too_long"),
        ("tags", "tag_not_possible"),
    ]
    assert not Workflow.objects.exists()
    assert events() == []


@pytest.mark.parametrize("name", ["", "   ", "\n\t"])
def test_create_refuses_an_empty_name(name: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        services.create(name=name, scope=workspace())

    assert codes(refused.value) == [("name", "name_empty")]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "a\x1bb"])
def test_create_refuses_a_name_that_cannot_be_shown(name: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        services.create(name=name, scope=workspace())

    assert codes(refused.value) == [("name", "name_characters")]


def test_create_counts_code_points_after_normalising() -> None:
    decomposed = "e\u0301" * 50

    made = services.create(name=decomposed, scope=workspace())

    assert made.workflow.name == "\u00e9" * 50


def test_create_refuses_a_taken_name_whatever_its_case() -> None:
    services.create(name="Straße", scope=workspace())

    with pytest.raises(ValueRefused) as refused:
        services.create(name="STRASSE", scope=workspace())

    assert codes(refused.value) == [("name", "name_taken")]
    assert refused.value.http_status == 422


def test_a_name_is_free_in_another_scope() -> None:
    services.create(name="Lead", scope=workspace())

    made = services.create(name="Lead", scope=make_scope("hub:sydney"))

    assert made.workflow.scope == Scope.objects.get(ref="hub:sydney")


def test_a_name_is_free_once_its_holder_is_archived() -> None:
    first = services.create(name="Lead", scope=workspace()).workflow
    services.archive(first.pk)

    assert services.create(name="lead", scope=workspace()).changed


def test_a_name_is_free_once_its_holder_is_deleted() -> None:
    first = services.create(name="Lead", scope=workspace()).workflow
    services.delete(first.pk, confirm="Lead")

    assert services.create(name="Lead", scope=workspace()).changed


def test_create_leaves_no_orphan_when_the_version_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Version, *args: object, **kwargs: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr(Version, "save", broken)

    with pytest.raises(OSError, match="disk"):
        services.create(name="Lead", scope=workspace())

    assert not Workflow.objects.exists()
    assert events() == []
