"""Findings about a text that stands in a field: each with the line it is about, errors first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflows.definition.findings import Finding
from workflows.definition.lines import broken_line, line_numbers, line_of


@dataclass(frozen=True)
class LinedFinding:
    """One finding; `line` is None where it is about the whole text."""

    level: str
    message: str
    path: str
    line: int | None


def with_lines(findings: Iterable[Finding | Mapping[str, str]], text: str) -> list[LinedFinding]:
    """The findings with their lines in this text, errors first, then from top to bottom."""
    lines, break_at = line_numbers(text), broken_line(text)
    found = [_lined(_plain(finding), lines, break_at) for finding in findings]
    return sorted(found, key=lambda one: (one.level != "error", one.line or 0))


def _plain(finding: Finding | Mapping[str, str]) -> Mapping[str, str]:
    return finding.as_dict() if isinstance(finding, Finding) else finding


def _lined(finding: Mapping[str, str], lines: dict[str, int], break_at: int | None) -> LinedFinding:
    path = finding["path"]
    line = line_of(path, lines) if path else break_at
    message = f"{finding['message']} {finding['fix']}".strip()
    return LinedFinding(finding["level"], message, path, line)
