"""docs/commands.md tells every verb, and every option of a verb."""

from pathlib import Path

import pytest
from django.core.management import load_command_class

TEXT = (Path(__file__).parents[3] / "docs" / "commands.md").read_text(encoding="utf-8")
EVERYWHERE = {"--help", "--json", "--actor", "--limit", "--cursor", "--scope"}


def verbs(name: str) -> dict[str, set[str]]:
    parser = load_command_class("runs", name).create_parser("manage.py", name)
    choices = next(action.choices for action in parser._actions if action.dest == "subcommand")
    return {
        verb: {
            option for action in sub._actions for option in action.option_strings if option.startswith("--")
        }
        for verb, sub in choices.items()
    }


@pytest.mark.parametrize("name", ["workflows", "runs"])
def test_every_verb_and_option_is_described(name: str) -> None:
    section = TEXT.split(f"## manage.py {name}", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]

    missing = [
        (verb, option)
        for verb, options in verbs(name).items()
        for option in sorted(options - EVERYWHERE) or [verb]
        if not any(f"`{verb}" in row and option in row for row in rows)
    ]

    assert missing == []
