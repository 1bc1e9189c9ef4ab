"""import, describe, move, clone, rename, delete, publish, roll-back, secret: answers and refusals."""

import io
import json
from types import SimpleNamespace

import pytest

from audit.models import AuditEvent
from tests.factories import make_scope, make_user, workspace
from tests.workflows.commands.terminal import workflows
from tests.workflows.services.material import (
    TRIGGERS,
    active,
    document,
    imported,
    other_steps,
)
from workflows import services
from workflows.models import Workflow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


@pytest.fixture
def file(tmp_path):
    """Writes a file and gives its path."""

    def write(content) -> str:
        path = tmp_path / "file.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return write


def test_import_answers_with_the_workflows(file) -> None:
    result = workflows("import", file(document()), "--actor", "anna")

    (row,) = result.document["workflows"]
    assert (result.code, row["name"], row["status"], row["draft_version"]) == (0, "Lead", "draft", 1)
    assert {event.actor_label for event in AuditEvent.objects.all()} == {"command: anna"}
    assert {event.origin for event in AuditEvent.objects.all()} == {"command"}


def test_import_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(json.dumps(document()).encode())))

    assert workflows("import", "-").document["workflows"][0]["name"] == "Lead"


def test_import_refuses_a_bad_file_with_paths(file) -> None:
    result = workflows("import", file(document(odd=1)))

    assert (result.code, result.error["code"]) == (1, "invalid_file")
    assert [finding["path"] for finding in result.error["findings"]] == ["odd"]
    assert not Workflow.objects.exists()


def test_import_of_a_file_that_is_not_there_is_wrong_usage() -> None:
    result = workflows("import", "/nowhere/file.json")

    assert (result.code, result.error["code"]) == (2, "usage")


def test_import_into_warns_about_ignored_fields(file) -> None:
    active()

    result = workflows("import", file(document("Other", steps=other_steps())), "--into", "Lead")

    assert (result.code, result.document["workflows"][0]["draft_version"]) == (0, 2)
    assert [(one["level"], one["code"], one["path"]) for one in result.document["findings"]] == [
        ("warning", "ignored_field", "name")
    ]


def test_import_into_with_a_draft_needs_replace_draft(file) -> None:
    imported()
    path = file(document(steps=other_steps()))

    refused = workflows("import", path, "--into", "Lead")
    done = workflows("import", path, "--into", "Lead", "--replace-draft")

    assert (refused.code, refused.error["code"]) == (1, "draft_exists")
    assert (done.code, done.document["changed"]) == (0, True)


def test_import_replace_draft_without_into_is_wrong_usage(file) -> None:
    assert workflows("import", file(document()), "--replace-draft").code == 2


def test_clone_answers_with_the_new_one() -> None:
    make_scope("hub:sydney")
    source = imported()

    result = workflows("clone", "Lead", "--scope", "hub:sydney")

    row = result.document["workflow"]
    assert result.document["changed"] is True
    assert row["id"] != source.pk
    assert (row["name"], row["scope"], row["status"]) == ("Copy of Lead", "hub:sydney", "draft")


def test_describe_changes_all_three() -> None:
    make_user(username="anna")
    imported()

    result = workflows("describe", "Lead", "--description", "new", "--tags", "a, b", "--owner", "anna")

    row = result.document["workflow"]
    assert (row["description"], row["tags"], row["owner"]) == ("new", ["a", "b"], "anna")


def test_describe_empties_tags_and_owner() -> None:
    make_user(username="anna")
    imported(tags=["a"])
    workflows("describe", "Lead", "--owner", "anna")

    row = workflows("describe", "Lead", "--tags", "", "--owner", "").document["workflow"]

    assert (row["tags"], row["owner"]) == ([], None)


def test_delete_a_second_time_by_name_does_nothing() -> None:
    workflow = imported()
    workflows("delete", "Lead", "--confirm", "Lead")

    by_name = workflows("delete", "Lead", "--confirm", "Lead")
    by_id = workflows("delete", workflow.pk, "--confirm", "Lead")

    assert [(result.code, result.document["changed"]) for result in (by_name, by_id)] == [(0, False)] * 2


def test_roll_back_and_publish_at_once() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document(steps=other_steps()))
    services.publish(workflow.pk, accept_warnings=True)

    result = workflows("roll-back", "Lead", "--to", "1", "--publish")

    row = result.document["workflow"]
    assert (row["published_version"], row["draft_version"], result.document["findings"]) == (3, None, [])


def test_resume_tells_what_became_of_held_work() -> None:
    workflow = active()
    services.pause(workflow.pk, reason="maintenance")

    result = workflows("resume", "Lead", "--held", "keep", "--accept-warnings")

    assert (result.code, result.document["workflow"]["status"]) == (0, "active")
    assert [result.document[key] for key in ("released", "discarded", "kept")] == [0, 0, 0]


def test_change_pause_clears_the_expected_resume() -> None:
    workflow = active()
    workflows("pause", "Lead", "--reason", "maintenance", "--until", "2999-01-01T00:00:00Z")

    result = workflows("change-pause", workflow.pk, "--until", "none")

    assert result.document["workflow"]["resume_expected_at"] is None
    assert result.document["workflow"]["reason"] == "maintenance"


def test_resume_preview_tells_who_and_why() -> None:
    active()
    workflows("pause", "Lead", "--reason", "maintenance", "--actor", "anna")

    document_shown = workflows("resume-preview", "Lead").document

    assert (document_shown["paused_by"], document_shown["reason"]) == ("command: anna", "maintenance")
    assert document_shown["held_triggers"] == 0


def test_secret_is_generated_and_printed_once() -> None:
    imported(triggers=TRIGGERS)

    result = workflows("secret", "Lead", "form", "--generate")
    shown = workflows("show", "Lead")

    assert len(result.document["secret"]) >= 32
    assert result.document["secret"] not in shown.out
    assert shown.document["triggers"][0]["secret_set"] is True


def test_secret_is_read_from_a_file_and_never_printed(file) -> None:
    imported(triggers=TRIGGERS)

    result = workflows("secret", "Lead", "form", "--value-file", file("from-the-sender\n"))

    assert (result.document["changed"], result.document["secret"]) == (True, None)
    assert "from-the-sender" not in result.out + result.err


def test_secret_revokes_the_previous_one(file) -> None:
    imported(triggers=TRIGGERS)
    workflows("secret", "Lead", "form")

    kept = workflows("secret", "Lead", "form").document["previous_valid_until"]
    revoked = workflows("secret", "Lead", "form", "--revoke-previous").document["previous_valid_until"]

    assert (kept is not None, revoked) == (True, None)


def test_the_line_for_people_is_one_sentence() -> None:
    active()

    paused = workflows("pause", "Lead", "--reason", "maintenance", as_json=False)
    again = workflows("pause", "Lead", "--reason", "maintenance", as_json=False)
    refused = workflows("publish", "Leed", as_json=False)

    assert paused.out.startswith("Paused at 20")
    assert again.out.startswith("Nothing to do: already Paused since")
    assert (refused.code, refused.out) == (1, "")
    assert "There is no workflow “Leed”." in refused.err
