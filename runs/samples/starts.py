"""The samples as beginnings of new workflows."""

import json
from functools import cache
from typing import Any

from runs.samples.loading import FOLDER

OWN = ("name", "scope")


@cache
def sample_documents() -> dict[str, dict[str, Any]]:
    """Each sample's file by its key, in the order of their names."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def beginning(key: str) -> dict[str, Any]:
    """A sample without its name and scope; raises KeyError for an unknown one."""
    return {name: value for name, value in sample_documents()[key].items() if name not in OWN}
