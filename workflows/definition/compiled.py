"""Definitions kept ready, so that runs of one version share one reading of it."""

from functools import lru_cache

from workflows.definition.loading import parse, validate
from workflows.definition.models import Definition


@lru_cache(maxsize=256)
def compile_definition(text: str) -> Definition:
    """The one definition that a stored JSON text holds; raises DefinitionRefused. It must not be changed."""
    return validate(parse(text, allow_yaml=False)[0])
