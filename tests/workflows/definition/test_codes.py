"""Every code that a finding or a failed step can have stands in the documentation."""

import re
from pathlib import Path

import pytest

from workflows.definition.liquid.filters import FILTERS
from workflows.steps.base import kinds as step_kinds
from workflows.triggers.base import kinds as trigger_kinds

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTATION = (ROOT / "docs" / "definition.md").read_text(encoding="utf-8")
SOURCES = [
    path.read_text(encoding="utf-8")
    for folder in ("definition", "steps", "triggers")
    for path in sorted((ROOT / "workflows" / folder).rglob("*.py"))
]
FINDING = re.compile(r'(?:error|warning|TextRefused)\(\s*"([a-z0-9_]+)"')
FAILURE = re.compile(r'code(?:: str)?\s*=\s*"([a-z0-9_]+)"')
SENTENCE = re.compile(r'return "([a-z]+(?:_[a-z]+)+)", ')


@pytest.mark.parametrize("pattern", [FINDING, FAILURE, SENTENCE], ids=["findings", "failures", "sentences"])
def test_codes_are_documented(pattern: re.Pattern[str]) -> None:
    codes = {code for source in SOURCES for code in pattern.findall(source)} - {"step_failed"}

    assert len(codes) > 4
    assert {code for code in codes if f"`{code}`" not in DOCUMENTATION} == set()


def test_kinds_and_filters_are_documented() -> None:
    names = [*step_kinds(), *trigger_kinds(), *FILTERS]

    assert [name for name in names if f"`{name}" not in DOCUMENTATION] == []
