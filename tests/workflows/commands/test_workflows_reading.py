"""list, check, next: documents as promised."""

import pytest

from tests.factories import make_run, make_scope, make_user, workspace
from tests.workflows.commands.terminal import workflows
from tests.workflows.services.material import TRIGGERS, active, imported
from workflows import services

pytestmark = pytest.mark.django_db

SHAPE = {
    "id", "name", "description", "scope", "tags", "status", "cause", "reason", "paused_by", "paused_at",
    "resume_expected_at", "auto_resume", "revision", "published_version", "draft_version", "last_run_at",
    "held", "in_flight",
}  # fmt: skip


@pytest.fixture(autouse=True)
def root() -> None:
    workspace()


def names(*argv: str) -> list[str]:
    return [row["name"] for row in workflows("list", *argv).document["workflows"]]


def test_list_gives_the_promised_shape() -> None:
    active(description="d", tags=["t"])

    result = workflows("list")

    (row,) = result.document["workflows"]
    assert row.keys() >= SHAPE
    assert result.document["next"] is None
    assert (row["status"], row["published_version"], row["draft_version"]) == ("active", 1, None)
    assert (row["tags"], row["scope"], row["last_run_at"], row["held"], row["in_flight"]) == (
        ["t"],
        "workspace",
        None,
        0,
        0,
    )


def test_list_leaves_archived_ones_out_unless_asked_for() -> None:
    imported("Shelved")
    services.archive(imported("Other").pk)

    assert names() == ["Shelved"]
    assert names("--status", "archived") == ["Other"]
    assert names("--status", "draft,archived") == ["Other", "Shelved"]


def test_list_filters_by_words_in_name_description_and_tags() -> None:
    imported("Lead scoring", tags=["sales"])
    imported("Digest", description="Mails the SCORES")
    imported("Other")

    assert names("--search", "score") == ["Digest"]
    assert names("--search", "sCoR") == ["Digest", "Lead scoring"]
    assert names("--search", "SALES lead") == ["Lead scoring"]
    assert names("--search", "nothing") == []


def test_list_filters_by_scope_and_what_is_inside() -> None:
    hub = make_scope("hub:sydney")
    make_scope("card:spring", parent=hub)
    imported("Inside", scope="card:spring")
    imported("Outside")

    assert names("--scope", "hub:sydney") == ["Inside"]
    assert names("--scope", "workspace") == ["Inside", "Outside"]


def test_list_goes_on_at_its_cursor() -> None:
    for name in ("b", "A", "c", "D"):
        imported(name)

    first = workflows("list", "--limit", "3").document
    second = workflows("list", "--limit", "3", "--cursor", first["next"]).document

    assert [row["name"] for row in first["workflows"]] == ["A", "b", "c"]
    assert [row["name"] for row in second["workflows"]] == ["D"]
    assert second["next"] is None
    assert len(names("--limit", "0")) == 4


def test_list_refuses_a_cursor_that_it_did_not_give() -> None:
    result = workflows("list", "--cursor", "garbage")

    assert (result.code, result.error["code"]) == (1, "invalid_cursor")


def test_list_with_an_unknown_status_is_wrong_usage() -> None:
    result = workflows("list", "--status", "asleep")

    assert (result.code, result.error["code"]) == (2, "usage")


@pytest.mark.parametrize("count", [1, 12])
def test_list_needs_the_same_queries_for_any_number(count: int, django_assert_num_queries) -> None:
    for number in range(count):
        workflow = active(f"Workflow {number}")
        make_run(workflow, status="held")

    with django_assert_num_queries(2):
        workflows("list", "--limit", "0")


def test_check_gives_findings_and_fails_on_errors() -> None:
    imported("Empty", triggers=[], steps=[])

    result = workflows("check", "Empty")

    assert (result.code, result.document["ok"]) == (1, False)
    assert all(
        finding.keys() == {"level", "code", "path", "message", "fix"}
        for finding in result.document["findings"]
    )
    assert {"error"} <= {finding["level"] for finding in result.document["findings"]}


def test_check_with_warnings_alone_succeeds() -> None:
    imported()

    result = workflows("check", "Lead")

    assert (result.code, result.document["ok"]) == (0, True)
    assert {finding["level"] for finding in result.document["findings"]} == {"warning"}


def test_next_tells_due_times_of_a_draft_in_utc_and_local() -> None:
    imported(triggers=TRIGGERS)

    result = workflows("next", "Lead", "--from", "2026-11-23T00:00:00Z", "--count", "2")

    assert result.document == {
        "occurrences": [
            {
                "trigger": "nightly",
                "at": "2026-11-23T15:30:00.000000Z",
                "local": "2026-11-24T02:30:00+11:00",
            },
            {
                "trigger": "nightly",
                "at": "2026-11-24T15:30:00.000000Z",
                "local": "2026-11-25T02:30:00+11:00",
            },
        ]
    }


def test_next_of_an_unknown_trigger_is_refused() -> None:
    imported(triggers=TRIGGERS)

    result = workflows("next", "Lead", "--trigger", "form")

    assert (result.code, result.error["code"]) == (1, "not_found")


def test_lines_for_people_say_the_same() -> None:
    make_user(username="anna")
    workflow = active()

    listed = workflows("list", as_json=False)
    shown = workflows("show", "Lead", as_json=False)

    assert listed.out.split() == [str(workflow.pk), "active", "workspace", "Lead"]
    assert "status: active" in shown.out.splitlines()
