"""Choosing a pydantic model by what a value holds, where the choices are known only at run time.

A discriminated union would need all kinds when the module is read, and puts its tags into error paths.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

REFERENCE = "signalbox-reference"
"""The key under which a generated schema names one of our own parts; `schema.py` turns it into `$ref`."""


@dataclass(frozen=True)
class Dispatch:
    """Annotates a base model's type: `choose` gives the model, or raises a pydantic error; `name` stands in the schema."""

    name: str
    choose: Callable[[Any], type[BaseModel]]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(written)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {REFERENCE: self.name}

    def read(self, value: Any) -> Any:
        """The model for `value`; a model passes as it is."""
        return value if isinstance(value, BaseModel) else self.choose(value).model_validate(value)


def written(value: Any) -> Any:
    """How a part is written again: with the keys that it had."""
    return value.model_dump(by_alias=True, exclude_unset=True) if isinstance(value, BaseModel) else value
