"""Bearer tokens for other systems: shown once, kept as a digest, with a role in a scope."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import context
from audit.chain import instant
from audit.services import Subject, change, record
from audit.verbs import AuditWord
from workflows.models import Role, Scope, Token
from workflows.queries import NotFound
from workflows.services.twins import once_more
from workflows.services.values import refuse

PREFIX = "sbx_"
LONGEST_DAYS = 3650
NAME_LENGTH = 80
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class NewToken:
    """A token just made. `text` is known here only: it cannot be shown a second time."""

    token: Token
    text: str = field(repr=False)


def create_token(name: str, role: str, *, scope: Scope, days: int | None = None) -> NewToken:
    """Make a token; without `days` it never expires. Raises ValueRefused; a name serves once, revoked or not.

    The one service that cannot be repeated: the second call is refused, since the text is gone.
    """
    title = _clean_name(name)
    if role not in Role.values:
        options = ", ".join(Role.values)
        raise refuse("role", "unknown_role", _("A role is one of %(options)s.") % {"options": options})
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise refuse("days", "out_of_range", _("A token lasts 1 to %(most)d days.") % {"most": LONGEST_DAYS})
    text = PREFIX + secrets.token_urlsafe(32)
    expires = timezone.now() + timedelta(days=days) if days else None
    return once_more(lambda: NewToken(_create(title, text, Role(role), scope, expires), text))


def _create(name: str, text: str, role: Role, scope: Scope, expires: datetime | None) -> Token:
    with change():
        if Token.objects.filter(name=name).exists():
            raise refuse(
                "name",
                "name_taken",
                _("There is a token named %(name)s already.") % {"name": name},
                _("Choose another name; a token's text is shown only when it is made."),
            )
        made_by = context.current().actor.label
        token = Token(
            name=name, digest=digest(text), role=role, scope=scope, expires_at=expires, created_by=made_by
        )
        token.save()
        record(AuditWord.TOKEN_CREATED, subject_of(token), after=_facts(token))
    return token


def find_token(name: str) -> Token:
    """The token of that name; raises NotFound."""
    found = Token.objects.select_related("scope").filter(name=name.strip()).first()
    if found is None:
        raise NotFound(_("There is no token “%(name)s”.") % {"name": name})
    return found


def revoke_token(name: str) -> tuple[bool, Token]:
    """End a token at once; `(False, token)` when it was revoked before. Raises NotFound."""
    with change():
        token = Token.objects.select_for_update(of=("self",)).get(pk=find_token(name).pk)
        if token.revoked_at is not None:
            return False, token
        token.revoked_at = timezone.now()
        token.save()
        after = {"revoked_at": instant(token.revoked_at)}
        record(AuditWord.TOKEN_REVOKED, subject_of(token), before={"revoked_at": None}, after=after)
    return True, token


def authenticate(text: str) -> Token | None:
    """The valid token with this text, its scope loaded; None for any other text. One query in most calls.

    Looked up by digest, so the time taken tells nothing about how much of a guess was right.
    """
    if not text.startswith(PREFIX) or not text.isascii():
        return None
    given = digest(text)
    token = Token.objects.select_related("scope").filter(digest=given).first()
    if token is None or not hmac.compare_digest(token.digest, given) or not token.is_valid:
        return None
    _note_use(token)
    return token


def digest(text: str) -> str:
    """What is kept of a token's text. It is 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(text.encode()).hexdigest()


def actor_of(token: Token) -> context.Actor:
    """The token as who acts, for the audit context."""
    return context.Actor("token", str(token.pk), token.name)


def subject_of(token: Token) -> Subject:
    """The token as the subject of an audit event."""
    return Subject("token", str(token.pk), token.name, token.scope_id)


def _note_use(token: Token) -> None:
    """Remember the use, at most once a minute: authenticating must not cost a write each time."""
    now = timezone.now()
    if token.last_used_at is not None and token.last_used_at > now - USE_NOTED_EVERY:
        return
    unused = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    Token.objects.filter(unused, pk=token.pk).update(last_used_at=now)
    token.last_used_at = now


def _facts(token: Token) -> dict[str, object]:
    expires = instant(token.expires_at) if token.expires_at else None
    return {"role": token.role, "scope": token.scope.ref, "expires_at": expires}


def _clean_name(name: str) -> str:
    title = " ".join(name.split())
    if not 1 <= len(title) <= NAME_LENGTH or not title.isprintable():
        raise refuse("name", "name_length", _("A name has 1 to %(most)d characters.") % {"most": NAME_LENGTH})
    return title
