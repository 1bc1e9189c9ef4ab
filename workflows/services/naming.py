"""Names: what is a good one, whether it is free in its scope, and renaming."""

import unicodedata

from django.utils.translation import gettext as _

from workflows.lifecycle import Status
from workflows.models import Scope, Workflow
from workflows.models.workflow import NAME_LENGTH, name_key, normal_name
from workflows.services.acting import Case, VerbResult, act
from workflows.services.values import refuse

# Control characters and lone surrogates: no database and no terminal takes them well.
_REFUSED_CATEGORIES = {"Cc", "Cs"}


def clean_name(name: str, *, path: str = "name") -> str:
    """The name as stored (trimmed, NFC); raises ValueRefused unless it has 1 to 50 code points."""
    text = normal_name(name)
    if not text:
        raise refuse(path, "name_empty", _("A workflow needs a name."), _("Give it 1 to 50 characters."))
    if len(text) > NAME_LENGTH:
        raise refuse(
            path,
            "name_too_long",
            _("The name has %(given)d characters; %(most)d are possible.")
            % {"given": len(text), "most": NAME_LENGTH},
            _("Shorten the name."),
        )
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in text):
        raise refuse(
            path,
            "name_characters",
            _("The name holds characters that cannot be shown."),
            _("Use letters, digits, blanks and signs only."),
        )
    return text


def require_free_name(name: str, scope: Scope, *, except_pk: int | None = None, path: str = "name") -> str:
    """The clean name, free among the unarchived workflows of the scope; else ValueRefused (`name_taken`).

    Locks the scope's row until the transaction ends, so that nobody takes the name in between.
    """
    text = clean_name(name, path=path)
    Scope.objects.select_for_update(no_key=True).get(pk=scope.pk)
    holder = Workflow.objects.unarchived().filter(scope=scope, name_key=name_key(text))
    if holder.exclude(pk=except_pk).exists():
        raise refuse(
            path,
            "name_taken",
            _("Another workflow in %(scope)s is named “%(name)s”.") % {"scope": scope.name, "name": text},
            _("Choose another name."),
        )
    return text


def suggested_name(workflow: Workflow, scope: Scope | None = None) -> str:
    """“Copy of …”, cut to 50 characters, or the next free “Copy of … (2)” in the scope (else its own)."""
    wished = _("Copy of %(name)s") % {"name": workflow.name}
    taken = set(
        Workflow.objects.unarchived().filter(scope=scope or workflow.scope).values_list("name_key", flat=True)
    )
    number, name = 1, _cut(wished)
    while name_key(name) in taken:
        number += 1
        name = _cut(wished, f" ({number})")
    return name


def _cut(name: str, suffix: str = "") -> str:
    return normal_name(name[: NAME_LENGTH - len(suffix)]) + suffix


def rename(pk: int, *, name: str, revision: int | None = None) -> VerbResult:
    """Give a workflow another name; addresses and triggers stay. Raises ValueRefused."""
    wished = clean_name(name)

    def settled(workflow: Workflow) -> str:
        if workflow.name != wished or workflow.status == Status.ARCHIVED:
            return ""
        return _("Nothing to do: it is named “%(name)s” already.") % {"name": wished}

    def apply(case: Case) -> None:
        workflow = case.workflow
        workflow.name = require_free_name(wished, workflow.scope, except_pk=workflow.pk)

    return act("rename", pk, apply, revision=revision, settled=settled)
