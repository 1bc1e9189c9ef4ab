"""How large a workflow file may be; `settings.DEFINITION_LIMITS` (a mapping) overrides single numbers."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Limits:
    """Sizes are bytes of compact JSON, nesting counts containers around a step."""

    definition_bytes: int = 256 * 1024
    file_bytes: int = 8 * 1024 * 1024
    yaml_bytes: int = 1024 * 1024
    workflows: int = 100
    steps: int = 200
    nesting: int = 8
    triggers: int = 10
    json_depth: int = 100


def limits() -> Limits:
    """The limits in force now."""
    given = getattr(settings, "DEFINITION_LIMITS", None)
    return Limits(**given) if given else _AS_SHIPPED


_AS_SHIPPED = Limits()


TEMPLATE_LENGTH = 128 * 1024
"""Characters of one template."""

EXPRESSION_LENGTH = 1_000
"""Characters between one pair of braces; keeps what is not linear in the parser beneath notice."""

RENDERED_SIZE = 4 * 1024 * 1024
"""Characters that one rendering may give in all, as much as a run's whole context may hold."""

RENDERING_WORK = 64 * 1024 * 1024
"""Characters and items that the filters of one rendering may look at."""

FINDINGS = 500
"""How many findings of one file are told."""

LOOP_ITEMS = 1_000
"""Items of one `for_each`."""

LONGEST_WAIT_DAYS = 30
"""A run, delays and all, lasts no longer."""
