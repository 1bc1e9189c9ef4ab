"""Calling management commands as a shell does: exit code, standard output, standard error."""

import importlib
import json
from dataclasses import dataclass
from io import StringIO
from typing import Any
from unittest.mock import patch


@dataclass(frozen=True)
class Result:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """What stands under `error`."""
        return self.document["error"]


def manage(name: str, *argv: str, app: str = "runs", as_json: bool = True) -> Result:
    """`manage.py NAME ARGV`. The database connection is the test's own, so it is not closed at the end."""
    command = importlib.import_module(f"{app}.management.commands.{name}").Command
    out, err = StringIO(), StringIO()
    line = ["manage.py", name, *(["--json"] if as_json else []), *argv]
    code = 0
    with patch("django.core.management.base.connections.close_all"):
        try:
            command(stdout=out, stderr=err, no_color=True).run_from_argv(line)
        except SystemExit as end:
            code = int(end.code or 0)
    return Result(code, out.getvalue(), err.getvalue())


def workflows(*argv: Any, as_json: bool = True) -> Result:
    """`manage.py workflows … --json`."""
    return manage("workflows", *map(str, argv), as_json=as_json)


def runs(*argv: Any, as_json: bool = True) -> Result:
    """`manage.py runs … --json`."""
    return manage("runs", *map(str, argv), as_json=as_json)
