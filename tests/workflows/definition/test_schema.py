"""The JSON Schema: whole, closed, and saying of the example what the models say."""

import json
from collections.abc import Iterator
from typing import Any

from tests.workflows.definition.documents import example
from workflows.definition.schema import json_schema
from workflows.steps.base import kinds as step_kinds
from workflows.triggers.base import kinds as trigger_kinds


def references_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from references_in(value)


def test_json_schema_names_every_kind_once() -> None:
    definitions = json_schema()["$defs"]

    def kinds_of(name: str) -> list[str]:
        models = [definitions[choice["$ref"].rpartition("/")[2]] for choice in definitions[name]["oneOf"]]
        return [model["properties"]["kind"]["const"] for model in models]

    assert kinds_of("Step") == list(step_kinds())
    assert kinds_of("Trigger") == list(trigger_kinds())


def test_json_schema_leads_nowhere_else() -> None:
    schema = json_schema()

    leads = set(references_in(schema))
    assert {lead.rpartition("/")[0] for lead in leads} == {"#/$defs"}
    assert {lead.rpartition("/")[2] for lead in leads} <= set(schema["$defs"])
    assert json.loads(json.dumps(schema)) == schema


def test_json_schema_refuses_unknown_keys_everywhere() -> None:
    models = [part for part in json_schema()["$defs"].values() if part.get("type") == "object"]

    assert models
    assert all(part["additionalProperties"] is False for part in models)


def test_json_schema_knows_every_key_of_the_example() -> None:
    properties = json_schema()["$defs"]["Definition"]["properties"]

    assert set(example()) <= set(properties)
    assert set(example()["settings"]) == set(json_schema()["$defs"]["Settings"]["properties"])
