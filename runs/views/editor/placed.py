"""Findings with the way to their place: to the field in the form, to the line in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from runs.views.editor.chosen import TEXT
from runs.views.editor.desk import Desk
from runs.views.findings import with_lines
from workflows.definition.findings import Finding


@dataclass(frozen=True)
class PlacedFinding:
    """One finding; `query` opens its field, `line` is where it stands in the text, `place` its name for people."""

    level: str
    message: str
    place: str
    query: str = ""
    line: int | None = None


def placed(desk: Desk) -> list[PlacedFinding]:
    """Errors first, then in the order of the document."""
    if desk.chosen.mode == TEXT:
        return [
            PlacedFinding(one.level, one.message, one.path, line=one.line)
            for one in with_lines(desk.checked.findings, desk.text)
        ]
    return list(_in_the_form(desk))


def _in_the_form(desk: Desk) -> Iterator[PlacedFinding]:
    titles = {node.path: node.title for node in desk.nodes}
    for finding in desk.checked.findings:
        message = f"{finding.message} {finding.fix}".strip()
        yield PlacedFinding(finding.level, message, _title(finding, titles), _query(finding))


def _title(finding: Finding, titles: dict[str, str]) -> str:
    place = finding.path
    while place and place not in titles:
        place = place.rpartition(".")[0]
    return titles.get(place, finding.path.partition(".")[0])


def _query(finding: Finding) -> str:
    return urlencode({"at": finding.path}) if finding.path else ""
