"""Definitions kept ready."""

import pytest

from tests.workflows.definition.documents import document, set_step
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.definition.loading import dump


def test_compile_definition_reads_a_text_once() -> None:
    text = dump(document(set_step("a")))

    first = compile_definition(text)

    assert compile_definition(str(text)) is first
    assert [step.id for step in first.steps] == ["a"]


@pytest.mark.parametrize("text", ["", "{", "a: 1", "[]", '{"format": "signalbox/1"}'])
def test_compile_definition_refuses_with_findings(text: str) -> None:
    with pytest.raises(DefinitionRefused) as raised:
        compile_definition(text)

    assert raised.value.findings
