"""The command connections: documents, secrets from files, exit codes."""

from pathlib import Path

import pytest

from tests.factories import make_connection, make_workflow, workspace
from tests.workflows.commands.terminal import Result, manage
from tests.workflows.connection_fixtures import sink as sink
from tests.workflows.events import everything, words
from tests.workflows.sink import Sink
from workflows import connections as reading
from workflows.models import Connection, Workflow

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "canary-7f3a9"
DEFINITION = {
    "format": "signalbox/1", "name": "Test",
    "triggers": [{"id": "by_hand", "kind": "manual"}],
    "steps": [{"id": "ask", "kind": "http_request", "connection": "crm", "path": "/leads"}],
}  # fmt: skip


def connections(*argv: str, **options) -> Result:
    return manage("connections", *argv, app="workflows", **options)


@pytest.fixture
def secret(tmp_path: Path) -> str:
    file = tmp_path / "secret"
    file.write_text(f"{CANARY}\n")
    return str(file)


def test_create_reads_the_secret_from_a_file_and_prints_it_nowhere(secret: str) -> None:
    argv = (
        "create",
        "crm",
        "--base-url",
        "https://crm.example.com",
        "--auth",
        "bearer",
        "--secret-file",
        secret,
    )

    made, again, listed = connections(*argv), connections(*argv), connections("list")

    assert (made.code, again.code) == (0, 0)
    assert [made.document["changed"], again.document["changed"]] == [True, False]
    shown = made.document["connection"]
    assert {name: shown[name] for name in ("name", "kind", "scope", "auth", "secret_set", "health", "used_by")} == {
        "name": "crm", "kind": "http", "scope": "workspace", "auth": "bearer", "secret_set": True,
        "health": "unknown", "used_by": [],
    }  # fmt: skip
    assert listed.document == {"connections": [again.document["connection"]], "next": None}
    assert reading.access_for("crm", workspace()).headers == {"Authorization": f"Bearer {CANARY}"}
    assert CANARY not in made.out + made.err + listed.out + everything()


@pytest.mark.parametrize(
    ("argv", "headers"),
    [
        ((), {}),
        (("--auth", "basic"), {"Authorization": "Basic Y2FuYXJ5OjdmM2E5"}),
        (("--auth", "header"), {"X-API-Key": "canary:7f3a9"}),
        (("--auth", "header", "--header-name", "X-Key"), {"X-Key": "canary:7f3a9"}),
    ],
)
def test_create_knows_every_way_to_authenticate(tmp_path: Path, argv: tuple[str, ...], headers: dict) -> None:
    file = tmp_path / "secret"
    file.write_text("canary:7f3a9")
    if argv:
        argv = (*argv, "--secret-file", str(file))
    if argv[1:2] == ("header",) and "--header-name" not in argv:
        headers = {"canary": "7f3a9"}

    assert connections("create", "crm", "--base-url", "https://crm.example.com", *argv).code == 0
    assert reading.access_for("crm", workspace()).headers == headers


def test_secret_rotates(secret: str) -> None:
    make_connection("crm", auth="bearer")

    results = [connections("secret", "crm", "--secret-file", secret) for _turn in range(2)]

    assert [result.document["changed"] for result in results] == [True, False]
    assert words(kind="connection") == ["Secret rotated"]


def test_test_tells_by_its_exit_code(sink: Sink) -> None:
    make_connection("crm", base_url=sink.url)

    well = connections("test", "crm")
    sink.status = 500
    ill = connections("test", "crm")

    assert (well.code, well.document["connection"]["health"]) == (0, "ok")
    assert (ill.code, ill.document["connection"]["health"]) == (1, "failing")
    assert ill.document["connection"]["health_message"] == "Answered with an error (500)."


def test_mark_down_and_up_name_the_workflows(sink: Sink) -> None:
    make_connection("crm", base_url=sink.url)
    make_workflow("Leads", definition=DEFINITION)

    down = connections("mark-down", "crm")
    assert (down.code, down.document["paused"], down.document["left"]) == (0, ["Leads"], [])
    assert Workflow.objects.get().status == "paused"

    up = connections("mark-up", "crm")
    assert (up.code, up.document["resumed"], up.document["changed"]) == (0, ["Leads"], True)
    assert connections("mark-up", "crm").document["changed"] is False


def test_delete_twice_says_that_nothing_is_left_to_do() -> None:
    make_connection("crm")

    first, second, unknown = (connections("delete", name) for name in ("crm", "crm", "never"))

    assert (first.code, first.document["changed"], first.document["connection"]["name"]) == (0, True, "crm")
    assert (second.code, second.document) == (0, {"changed": False, "connection": None})
    assert (unknown.code, unknown.error["code"]) == (1, "not_found")
    assert words(kind="connection") == ["Connection deleted"]


def test_delete_is_refused_while_used() -> None:
    make_connection("crm")
    make_workflow("Leads", definition=DEFINITION)

    refused = connections("delete", "crm")

    assert (refused.code, refused.error["code"]) == (1, "in_use")
    assert [finding["message"] for finding in refused.error["findings"]] == ["Leads uses it."]
    assert Connection.objects.count() == 1


@pytest.mark.parametrize(
    ("argv", "code", "word"),
    [
        (("create", "x"), 2, "usage"),
        (("create", "x", "--base-url", "https://x.example.com", "--auth", "oauth"), 2, "usage"),
        (("create", "x", "--base-url", "https://x.example.com", "--secret-file", "FILE"), 2, "usage"),
        (
            (
                "create",
                "x",
                "--base-url",
                "https://x.example.com",
                "--auth",
                "bearer",
                "--secret-file",
                "/no",
            ),
            2,
            "usage",
        ),
        (("create", "x", "--base-url", "http://10.0.0.1"), 1, "invalid_value"),
        (("create", "a b", "--base-url", "https://x.example.com"), 1, "invalid_value"),
        (("test", "nobody"), 1, "not_found"),
        (("secret", "crm"), 2, "usage"),
    ],
)
def test_commands_say_what_is_wrong(secret: str, argv: tuple[str, ...], code: int, word: str) -> None:
    result = connections(*(secret if part == "FILE" else part for part in argv))

    assert (result.code, result.error["code"]) == (code, word)
    assert Connection.objects.count() == 0
