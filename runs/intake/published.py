"""Published versions kept ready by the hash of their definition, so that a delivery reads no definition."""

from functools import lru_cache

from workflows.definition.compiled import MOST_KEPT, Compiled, compiled
from workflows.models import Version


@lru_cache(maxsize=MOST_KEPT)
def published(version_pk: int, content_hash: str) -> Compiled:
    """The definition of a published version, which never changes; raises DefinitionRefused, Version.DoesNotExist."""
    text = Version.objects.values_list("definition", flat=True).get(pk=version_pk, content_hash=content_hash)
    return compiled(text)
