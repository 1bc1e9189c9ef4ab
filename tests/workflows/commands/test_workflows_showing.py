"""show, export, and how a workflow is named."""

import json
import re

import pytest

from tests.factories import make_run, make_scope, workspace
from tests.workflows.commands.terminal import workflows
from tests.workflows.services.material import TRIGGERS, active, document, imported, other_steps
from workflows import services

pytestmark = pytest.mark.django_db

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")

SHAPE = {
    "id", "name", "description", "scope", "tags", "status", "cause", "reason", "paused_by", "paused_at",
    "resume_expected_at", "auto_resume", "revision", "published_version", "draft_version", "last_run_at",
    "held", "in_flight",
}  # fmt: skip


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def test_show_adds_versions_and_triggers() -> None:
    workflow = imported(triggers=TRIGGERS)
    services.rotate_trigger_secret(workflow.pk, "form")
    services.run(workflow.pk, accept_warnings=True)
    services.save_draft(workflow.pk, document(triggers=TRIGGERS, steps=other_steps()), note="why")

    document_shown = workflows("show", "Lead").document

    assert [(one["number"], one["state"], one["note"]) for one in document_shown["versions"]] == [
        (2, "draft", "why"),
        (1, "published", ""),
    ]
    assert {"number", "state", "author", "created_at", "published_at", "note"} <= document_shown["versions"][
        0
    ].keys()
    assert INSTANT.fullmatch(document_shown["versions"][1]["published_at"])
    triggers = {one["id"]: one for one in document_shown["triggers"]}
    assert list(triggers) == ["form", "captured", "nightly", "by_hand"]
    assert (triggers["form"]["kind"], triggers["form"]["secret_set"], triggers["form"]["next"]) == (
        "webhook",
        True,
        None,
    )
    assert triggers["form"]["address"].startswith("/hooks/")
    assert triggers["captured"]["address"] is None
    assert INSTANT.fullmatch(triggers["nightly"]["next"])


def test_show_gives_the_full_address_where_the_base_is_known(settings) -> None:
    settings.BASE_URL = "https://signals.example.test"
    workflow = imported(triggers=TRIGGERS)
    address = workflow.triggers.get(trigger_id="form").address

    shown = workflows("show", workflow.pk).document

    assert shown["triggers"][0]["address"] == f"https://signals.example.test/hooks/{address}"


def test_addresses_stay_through_publish_rename_and_import_into(tmp_path) -> None:
    workflow = imported(triggers=TRIGGERS)
    services.rotate_trigger_secret(workflow.pk, "form")

    def address() -> str:
        return workflows("show", workflow.pk).document["triggers"][0]["address"]

    first = address()
    workflows("run", workflow.pk, "--accept-warnings")
    workflows("rename", workflow.pk, "--name", "New")
    file = tmp_path / "w.json"
    file.write_text(json.dumps(document(triggers=TRIGGERS, steps=other_steps())))
    workflows("import", file, "--into", workflow.pk)
    workflows("publish", workflow.pk, "--accept-warnings")

    assert address() == first


def test_show_tells_the_pause() -> None:
    workflow = active()
    done = workflows(
        "pause", workflow.pk, "--reason", "CRM outage", "--category", "outage", "--until", "2999-01-02T03:04:05Z",
        "--auto-resume", "--actor", "anna",
    )  # fmt: skip

    shown = workflows("show", workflow.pk).document

    assert (shown["status"], shown["reason"], shown["paused_by"]) == ("paused", "CRM outage", "command: anna")
    assert (shown["resume_expected_at"], shown["auto_resume"]) == ("2999-01-02T03:04:05.000000Z", True)
    assert shown["paused_at"] == done.document["paused_at"]
    assert INSTANT.fullmatch(shown["paused_at"])


def test_show_counts_held_runs_and_runs_under_way() -> None:
    workflow = active()
    make_run(workflow, status="held")
    make_run(workflow, status="held", started_at=workflow.created_at)
    make_run(workflow, status="running")
    make_run(workflow, status="waiting")
    make_run(workflow, status="success", due_at=None)
    make_run(workflow, status="running", is_test=True)

    shown = workflows("show", workflow.pk).document

    assert (shown["held"], shown["held_triggers"], shown["in_flight"]) == (2, 1, 2)


def test_a_workflow_is_found_by_exact_name_or_id() -> None:
    workflow = imported("Lead qualification")

    assert workflows("show", "Lead qualification").document["id"] == workflow.pk
    assert workflows("show", workflow.pk).document["id"] == workflow.pk
    for wrong in ("lead qualification", "Lead", "999999", ""):
        result = workflows("show", wrong)
        assert (result.code, result.error["code"]) == (1, "not_found")


def test_an_ambiguous_name_asks_for_the_scope() -> None:
    make_scope("hub:sydney")
    imported()
    inner = imported(scope="hub:sydney")

    refused = workflows("show", "Lead")
    found = workflows("show", "Lead", "--scope", "hub:sydney")

    assert (refused.code, refused.error["code"]) == (1, "ambiguous_name")
    assert "hub:sydney" in refused.error["message"]
    assert "--scope" in refused.error["message"]
    assert found.document["id"] == inner.pk


def test_a_name_means_the_unarchived_workflow() -> None:
    old = imported()
    services.archive(old.pk)
    new = imported()

    assert workflows("show", "Lead").document["id"] == new.pk
    assert workflows("show", old.pk).document["id"] == old.pk


def test_export_prints_the_published_version_and_on_demand_another() -> None:
    workflow = active()
    services.save_draft(workflow.pk, document(steps=other_steps("two")))

    assert workflows("export", "Lead").document == document()
    assert workflows("export", "Lead", "--draft").document["steps"] == other_steps("two")
    services.publish(workflow.pk, accept_warnings=True)
    assert workflows("export", "Lead", "--version", "1").document == document()
    assert workflows("export", "Lead").document["steps"] == other_steps("two")


def test_export_of_what_was_never_published_prints_the_draft() -> None:
    imported()

    assert workflows("export", "Lead").document == document()


@pytest.mark.parametrize("which", [["--version", "9"], ["--draft"]])
def test_export_of_a_missing_version_is_refused(which: list[str]) -> None:
    active()

    result = workflows("export", "Lead", *which)

    assert (result.code, result.error["code"]) == (1, "not_found")


def test_export_import_export_is_identical_to_the_byte(tmp_path) -> None:
    given = document("Größe „x“ 🚂", tags=["ü"], steps=other_steps("12345678901234567890123456789"))
    file = tmp_path / "w.json"
    file.write_text(json.dumps(given))
    workflows("import", file)
    first = workflows("export", "Größe „x“ 🚂").out
    file.write_text(first, encoding="utf-8")
    workflows("delete", "Größe „x“ 🚂", "--confirm", "Größe „x“ 🚂")
    workflows("import", file)

    assert workflows("export", "Größe „x“ 🚂").out == first
    assert first == json.dumps(given, indent=2, ensure_ascii=False) + "\n"
