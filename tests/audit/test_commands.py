"""The base of all commands: documents, exit codes, actors."""

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, CommandParser, call_command

from audit import commands, context


class Sample(commands.VerbCommand):
    """Two verbs, one refusal."""

    def add_stand_still(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", required=True)
        parser.add_argument("--since", type=commands.moment)
        commands.add_list_options(parser)

    def do_stand_still(self, options: commands.Options) -> tuple[Any, list[str]]:
        """Stand still (100 %)."""
        now = context.current()
        document = {"actor": now.actor.label, "origin": now.origin, "at": datetime(2026, 1, 2, tzinfo=UTC)}
        return document | {"limit": options["limit"], "reason": options["reason"]}, ["stands"]

    def do_refuse(self, options: commands.Options) -> None:
        raise commands.NotFound("There is none.", [{"message": "No such thing.", "fix": "Name another."}])

    def do_misuse(self, options: commands.Options) -> None:
        raise CommandError("Give one of the two.")

    def do_fail(self, options: commands.Options) -> commands.Answer:
        return commands.Answer({"ok": False}, ["not good"], "It is broken.")

    def do_crash(self, options: commands.Options) -> None:
        raise ZeroDivisionError


class Plain(commands.VerbCommand):
    """No verbs."""

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=commands.whole_number, default=1)

    def do(self, options: commands.Options) -> tuple[Any, list[str]]:
        return {"port": options["port"]}, [f"port {options['port']}"]


def run(*argv: str, command: type[commands.VerbCommand] = Sample) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        command(stdout=out, stderr=err, no_color=True).run_from_argv(["manage.py", "sample", *argv])
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_verb_prints_one_document_under_json() -> None:
    code, out, err = run("stand-still", "--reason", "tired", "--limit", "0", "--json", "--actor", "anna")

    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "actor": "command: anna",
        "origin": "command",
        "at": "2026-01-02T00:00:00.000000Z",
        "limit": 0,
        "reason": "tired",
    }


def test_json_may_stand_before_the_verb() -> None:
    code, out, _ = run("--json", "--actor", "bo", "stand-still", "--reason", "x")

    assert (code, json.loads(out)["actor"]) == (0, "command: bo")


def test_actor_is_the_system_user_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "system_user", lambda: "ops")

    _, out, _ = run("stand-still", "--reason", "x", "--json")

    assert json.loads(out)["actor"] == "command: ops"


def test_verb_prints_lines_without_json() -> None:
    assert run("stand-still", "--reason", "x") == (0, "stands\n", "")


def test_refusal_is_exit_1_with_its_document() -> None:
    code, out, err = run("refuse", "--json")

    finding = {"message": "No such thing.", "fix": "Name another."}
    assert code == 1
    assert json.loads(out) == {
        "error": {"code": "not_found", "message": "There is none.", "findings": [finding]}
    }
    assert err == "Refused: There is none.\n  - No such thing. Name another.\n"


def test_refusal_prints_no_document_without_json() -> None:
    assert run("refuse")[:2] == (1, "")


def test_problem_is_exit_1_beside_the_document() -> None:
    code, out, err = run("fail", "--json")

    assert (code, json.loads(out), err) == (1, {"ok": False}, "Refused: It is broken.\n")


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["unknown"],
        ["stand-still"],
        ["stand-still", "--reas", "abbreviated"],
        ["stand-still", "--reason", "x", "--limit", "-1"],
        ["stand-still", "--reason", "x", "--since", "tomorrow"],
        ["stand-still", "--reason", "x", "--since", "2026-02-30"],
        ["refuse", "surplus"],
        ["misuse"],
    ],
)
def test_wrong_usage_is_exit_2_with_a_document(argv: list[str]) -> None:
    code, out, err = run(*argv, "--json")

    error = json.loads(out)["error"]
    assert (code, error["code"], error["findings"]) == (2, "usage", [])
    assert error["message"] in err
    assert "Traceback" not in err


def test_wrong_usage_prints_nothing_on_standard_output_without_json() -> None:
    assert run("stand-still")[:2] == (2, "")


def test_unforeseen_exception_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run("crash", "--json")


def test_called_from_code_it_raises_and_never_exits() -> None:
    with pytest.raises(CommandError, match="--reason"):
        call_command(Sample(), "stand-still")
    with pytest.raises(commands.Refused) as refused:
        call_command(Sample(stdout=StringIO()), "refuse")
    with pytest.raises(commands.WrongUsage) as misused:
        call_command(Sample(stdout=StringIO()), "misuse")
    assert (refused.value.returncode, misused.value.returncode) == (1, 2)


def test_command_without_verbs() -> None:
    assert run("--port", "7", command=Plain) == (0, "port 7\n", "")
    assert run("--port", "x", command=Plain)[0] == 2


def test_source_is_a_file_or_an_error(tmp_path: Any) -> None:
    (tmp_path / "secret").write_bytes(b"\xff1")

    assert commands.read_source(str(tmp_path / "secret")) == b"\xff1"
    with pytest.raises(CommandError, match="No such file"):
        commands.read_source(str(tmp_path / "absent"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T09:00:00+01:00", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23T09:00:00Z", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
    ],
)
def test_moment_reads_dates_and_times(text: str, expected: datetime) -> None:
    assert commands.moment(text) == expected
