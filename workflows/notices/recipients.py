"""Who is told about a workflow: whom its published definition names, and whom the scopes above it name."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _

from workflows.connections import usable_in
from workflows.definition.compiled import compile_definition
from workflows.definition.findings import DefinitionRefused
from workflows.models import Channel, Connection, NoticeRecipient, Scope, Workflow

_DEPTH = {Scope.Kind.WORKSPACE: 0, Scope.Kind.HUB: 1, Scope.Kind.CARD: 2}


@dataclass(frozen=True)
class Target:
    """One way to one recipient. `problem` says why there is none."""

    channel: Channel
    recipient: str
    named: str
    in_digest: bool = False
    problem: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Equal for two spellings of one recipient."""
        address = plain_address(self.recipient) if self.channel == Channel.EMAIL else self.recipient
        return self.channel, address.casefold()


def plain_address(recipient: str) -> str:
    """The address in a recipient such as "Ops <ops@example.test>"; the text itself where it cannot be read."""
    return parseaddr(recipient)[1] or recipient


def targets(workflow: Workflow, kind: str) -> list[Target]:
    """Whom a notice of this kind about this workflow goes to, each once; in a constant number of queries."""
    rows = list(above(workflow.scope_id))
    rhythm = {row.recipient.casefold(): row.in_digest for row in rows}
    names = [*named_by(workflow), *(row.recipient for row in rows if row.wants(kind))]
    found = resolved(list(dict.fromkeys(names)), workflow.scope)
    merged: dict[tuple[str, str], Target] = {}
    for target in found:
        in_digest = rhythm.get(target.named.casefold(), False)
        merged.setdefault(
            target.key,
            Target(target.channel, target.recipient, target.named, in_digest, target.problem),
        )
    return list(merged.values())


def above(scope_id: int) -> list[NoticeRecipient]:
    """The recipients of a scope and of those above it, outmost first; one query."""
    line = Q(scope=scope_id) | Q(scope__children=scope_id) | Q(scope__children__children=scope_id)
    rows = NoticeRecipient.objects.filter(line).select_related("scope").distinct()
    return sorted(rows, key=lambda row: (_DEPTH[Scope.Kind(row.scope.kind)], row.pk))


def named_by(workflow: Workflow) -> list[str]:
    """The recipients that the definition names: the published one, before that the draft."""
    version = workflow.published or workflow.draft
    try:
        return list(compile_definition(version.definition).settings.notify) if version else []
    except DefinitionRefused:
        return []


def resolved(names: Collection[str], scope: Scope) -> list[Target]:
    """What names mean in a scope: an address; a chat connection usable there; a person. Two queries at most."""
    plain = [name for name in names if "@" not in name]
    chats = _chats(plain, scope) if plain else {}
    people = _people(plain) if plain else {}
    return [_target(name, chats, people) for name in names]


def _chats(names: Iterable[str], scope: Scope) -> dict[str, Connection]:
    rows = usable_in(scope).filter(name__in=names, kind=Connection.Kind.CHAT)
    return {connection.name: connection for connection in rows}


def _people(names: Iterable[str]) -> dict[str, Any]:
    rows = get_user_model()._default_manager.filter(username__in=names, is_active=True)
    return {person.get_username(): person for person in rows}


def _target(name: str, chats: dict[str, Connection], people: dict[str, Any]) -> Target:
    if "@" in name:
        return Target(Channel.EMAIL, name, name)
    if name in chats:
        return Target(Channel.CHAT, name, name)
    person = people.get(name)
    if person is None:
        return Target(
            Channel.NONE, name, name, problem=_("There is no person and no chat connection of this name.")
        )
    if not person.email:
        return Target(Channel.NONE, name, name, problem=_("This person has no e-mail address."))
    return Target(Channel.EMAIL, person.email, name)
