"""What people say about a workflow, and where it belongs: description, tags, owner, scope."""

from collections.abc import Iterable
from typing import Any, Final

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from workflows.lifecycle import Status
from workflows.models import Scope, Workflow
from workflows.services.acting import Case, VerbResult, act
from workflows.services.gathering import gathering
from workflows.services.naming import require_free_name
from workflows.services.pausing import UNCHANGED, Unchanged
from workflows.services.values import refuse
from workflows.texts import is_storable

DESCRIPTION_LENGTH: Final = 5_000
TAG_LENGTH: Final = 40
TAGS: Final = 20


def clean_description(text: str) -> str:
    """The description, trimmed; raises ValueRefused when it is too long or cannot be stored."""
    text = text.strip()
    if len(text) > DESCRIPTION_LENGTH:
        raise refuse(
            "description",
            "description_too_long",
            _("A description has at most %(most)d characters.") % {"most": DESCRIPTION_LENGTH},
            _("Shorten it."),
        )
    if not is_storable(text):
        raise refuse(
            "description",
            "description_characters",
            _("The description holds characters that cannot be shown."),
        )
    return text


def clean_tags(tags: Iterable[str]) -> list[str]:
    """The tags, trimmed, each once; raises ValueRefused when there are too many or one is too long."""
    kept = list(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))
    if len(kept) > TAGS:
        raise refuse(
            "tags",
            "too_many_tags",
            _("A workflow has at most %(most)d tags.") % {"most": TAGS},
            _("Remove some."),
        )
    wrong = [tag for tag in kept if len(tag) > TAG_LENGTH or "," in tag or not is_storable(tag)]
    if wrong:
        raise refuse(
            "tags",
            "tag_not_possible",
            _("The tag “%(tag)s” is not possible.")
            % {"tag": wrong[0][:TAG_LENGTH].encode("utf-8", "replace").decode()},
            _("A tag has at most %(most)d characters that can be shown, and no comma.")
            % {"most": TAG_LENGTH},
        )
    return kept


def describe(
    pk: int,
    *,
    description: str | Unchanged = UNCHANGED,
    tags: Iterable[str] | Unchanged = UNCHANGED,
    owner: User | Unchanged | None = UNCHANGED,
    revision: int | None = None,
) -> VerbResult:
    """Change description, tags and owner; what is not given stays. Raises ValueRefused."""
    given: dict[str, Any] = {} if isinstance(owner, Unchanged) else {"owner": owner}
    with gathering() as problems:
        if not isinstance(description, Unchanged):
            given["description"] = problems.collect(clean_description, description)
        if not isinstance(tags, Unchanged):
            given["tags"] = problems.collect(clean_tags, tags)

    def settled(workflow: Workflow) -> str:
        same = all(getattr(workflow, name) == value for name, value in given.items())
        return _("Nothing to do: it is described so already.") if same and _is_open(workflow) else ""

    def apply(case: Case) -> None:
        for name, value in given.items():
            setattr(case.workflow, name, value)

    return act("describe", pk, apply, revision=revision, settled=settled)


def move(pk: int, *, scope: Scope, revision: int | None = None) -> VerbResult:
    """Put a workflow into another scope; its runs keep theirs. Raises ValueRefused when the name is taken there."""

    def settled(workflow: Workflow) -> str:
        if workflow.scope_id != scope.pk or not _is_open(workflow):
            return ""
        return _("Nothing to do: it is in %(scope)s already.") % {"scope": scope.name}

    def apply(case: Case) -> None:
        require_free_name(case.workflow.name, scope, except_pk=case.workflow.pk)
        case.workflow.scope = scope

    return act("move", pk, apply, revision=revision, settled=settled)


def _is_open(workflow: Workflow) -> bool:
    return workflow.status != Status.ARCHIVED
